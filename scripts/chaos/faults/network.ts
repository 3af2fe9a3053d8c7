import { setTimeout as sleep } from "node:timers/promises"
import type { Random } from "../../../examples/shop/load/random.ts"
import type { ServiceInstance } from "../shop/processes.ts"
import { fair } from "../shop/weather.ts"
import type { Weather } from "../shop/weather.ts"
import type { Fault, Inflicted, Site } from "./fault.ts"

/** Packets on the way to a service are lost; TCP sends them again, and at times a connection breaks over it. */
export const packetLoss: Fault = {
  name: "packet-loss",
  inflict: (site, random) => bring(site, random, pickService(site, random), { ...fair, lossShare: random.between(2, 25) / 100 }),
}

export const delay: Fault = {
  name: "delay",
  inflict: (site, random) => bring(site, random, pickService(site, random), { ...fair, delayMs: random.between(20, 400) }),
}

/** Nobody reaches a service; it reaches the others. */
export const partition: Fault = {
  name: "partition",
  inflict: (site, random) => bring(site, random, pickService(site, random), { ...fair, cut: true }),
}

/** One of several replicas takes about a hundred times as long as the others. */
export const slowReplica: Fault = {
  name: "slow-replica",
  async inflict(site, random) {
    const before = performance.now()
    await site.probe.once("inventory")
    const delayMs = Math.min(1_000, Math.max(100, (performance.now() - before) * 50))
    const one = random.pick(site.shop.processes.of("inventory"))
    const inflicted = await bringTo(site, random, "inventory", one ? [one] : [], { ...fair, delayMs })
    return { ...inflicted, target: "one inventory of three" }
  },
}

function pickService({ services }: Site, random: Random): string {
  return random.pick(services.filter((name) => name !== "gateway")) ?? ""
}

function bring(site: Site, random: Random, service: string, weather: Weather): Promise<Inflicted> {
  return bringTo(site, random, service, site.shop.processes.of(service), weather)
}

async function bringTo(
  { probe, brevity }: Site,
  random: Random,
  service: string,
  instances: readonly ServiceInstance[],
  weather: Weather,
): Promise<Inflicted> {
  const forMs = random.between(3_000, 9_000) * brevity
  for (const { line } of instances) line?.weather(weather)
  try {
    await sleep(forMs)
  } finally {
    for (const { line } of instances) line?.weather(fair)
  }
  return { target: service, recoveryMs: (await probe.recovery(service)) ?? null, notes: { ...weather, forMs } }
}
