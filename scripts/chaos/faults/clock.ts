import { setTimeout as sleep } from "node:timers/promises"
import type { Fault } from "./fault.ts"

const shiftsSeconds = [-3_600, -30, -5, 5, 30, 600, 3_600]

/** The clock of a service jumps, and a while later back again. */
export const clockJump: Fault = {
  name: "clock-jump",
  async inflict({ shop, probe, services, brevity }, random) {
    const service = random.pick(services) ?? ""
    const seconds = random.pick(shiftsSeconds) ?? 0
    const victims = shop.processes.of(service)
    for (const victim of victims) victim.shiftClock(seconds * 1_000)
    try {
      await sleep(random.between(2_000, 6_000) * brevity)
    } finally {
      for (const victim of victims) victim.shiftClock(0)
    }
    return { target: service, recoveryMs: (await probe.recovery(service)) ?? null, notes: { seconds } }
  },
}
