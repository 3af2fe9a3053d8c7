import { setTimeout as sleep } from "node:timers/promises"
import type { Fault } from "./fault.ts"

const times = 10

/** Ten times as many customers come at once, to a shop that is well and whose maximum has just been found. */
export const surge: Fault = {
  name: "surge",
  async inflict({ traffic, meter, probe, services, mostGoodPerSecond, usualRate, brevity }) {
    for (const service of services) await probe.recovery(service)
    const most = await mostGoodPerSecond()
    await sleep(3_000 * brevity)
    const usual = traffic.rate
    const begun = performance.now()
    const before = { good: meter.good, requests: meter.requests, turnedAway: traffic.turnedAway }
    traffic.rate = usualRate(most) * times
    try {
      await sleep(12_000 * brevity)
    } finally {
      traffic.rate = usual
    }
    const seconds = (performance.now() - begun) / 1_000
    const goodPerSecond = (meter.good - before.good) / seconds
    return {
      target: "gateway",
      recoveryMs: (await probe.recovery("order")) ?? null,
      notes: {
        mostGoodPerSecond: most,
        goodPerSecond,
        share: goodPerSecond / most,
        requestsPerSecond: (meter.requests - before.requests) / seconds,
        turnedAway: traffic.turnedAway - before.turnedAway,
      },
    }
  },
}
