import { setTimeout as sleep } from "node:timers/promises"
import type { Fault } from "./fault.ts"

const times = 10

/** Ten times as many customers come at once, to a shop that is well. Right after it the maximum is found that it is compared with. */
export const surge: Fault = {
  name: "surge",
  async inflict({ traffic, meter, probe, services, mostGoodPerSecond, brevity }) {
    for (const service of services) await probe.recovery(service)
    await sleep(3_000 * brevity)
    const usual = traffic.rate
    const begun = performance.now()
    const before = { good: meter.good, requests: meter.requests, turnedAway: traffic.turnedAway }
    traffic.rate = usual * times
    try {
      await sleep(12_000 * brevity)
    } finally {
      traffic.rate = usual
    }
    const seconds = (performance.now() - begun) / 1_000
    const goodPerSecond = (meter.good - before.good) / seconds
    const requestsPerSecond = (meter.requests - before.requests) / seconds
    const turnedAway = traffic.turnedAway - before.turnedAway
    const recoveryMs = (await probe.recovery("order")) ?? null
    await sleep(1_000 * brevity)
    // By now its code is warm, which a surge need not find it.
    const most = await mostGoodPerSecond()
    return {
      target: "gateway",
      recoveryMs,
      notes: { goodPerSecond, mostGoodPerSecond: most, share: goodPerSecond / most, requestsPerSecond, turnedAway },
    }
  },
}
