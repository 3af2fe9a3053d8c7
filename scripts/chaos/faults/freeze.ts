import { setTimeout as sleep } from "node:timers/promises"
import type { Fault } from "./fault.ts"
import { signal } from "./signals.ts"

/** A process that stands still for a while, and then goes on as if nothing had happened. */
export const freezeService: Fault = {
  name: "freeze-service",
  async inflict({ shop, probe, services, brevity }, random) {
    const service = random.pick(services) ?? ""
    const victim = random.pick(shop.processes.of(service))
    if (!victim) return { target: service, recoveryMs: null, notes: { skipped: "it does not run at the moment" } }
    const frozenMs = random.between(1_000, 6_000) * brevity
    signal(victim.pid, "SIGSTOP")
    try {
      await sleep(frozenMs)
    } finally {
      signal(victim.pid, "SIGCONT")
    }
    return { target: service, recoveryMs: (await probe.recovery(service)) ?? null, notes: { frozenMs } }
  },
}
