import { openSync, readFileSync, writeSync } from "node:fs"

const latencyRequest = "/dev/cpu_dma_latency"
const firstIdleState = "/sys/devices/system/cpu/cpu0/cpuidle/state0/name"

/**
 * Has cores that have nothing to do poll for work instead of going to sleep, until this process ends; says what they do.
 * A core of a virtual machine that sleeps is woken by way of the machine around it, which costs what that machine pleases and leaves
 * caches and branch predictors cold: more than twice the processor time for the same request, and not alike from one minute to the next.
 * The kernel takes the request as long as the file stays open: its `Documentation/power/pm_qos_interface.rst`.
 */
export function keepAwake(): string {
  try {
    if (readFileSync(firstIdleState, "utf8").trim() !== "POLL") return "idle cores sleep: the kernel has no state in which they poll"
    // Left open on purpose. Four bytes of zeros: no latency is borne.
    writeSync(openSync(latencyRequest, "w"), new Uint8Array(4))
    return "idle cores poll"
  } catch (error) {
    return `idle cores sleep: ${error instanceof Error ? error.message : String(error)}`
  }
}
