import type { Random } from "../../../examples/shop/load/random.ts"
import type { Fault, Inflicted, Site } from "./fault.ts"
import { signal } from "./signals.ts"

/** `kill -9` of any process that runs a service. */
export const killService: Fault = {
  name: "kill-service",
  inflict: (site, random) => kill(site, random.pick(site.services.filter((name) => name !== "gateway")) ?? "", random),
}

/** `kill -9` of the process that lets the outside in. */
export const killGateway: Fault = { name: "kill-gateway", inflict: (site, random) => kill(site, "gateway", random) }

async function kill({ shop, probe }: Site, service: string, random: Random): Promise<Inflicted> {
  const victim = random.pick(shop.processes.of(service))
  if (!victim) return { target: service, recoveryMs: null, notes: { skipped: "it does not run at the moment" } }
  signal(victim.pid, "SIGKILL")
  const recoveryMs = await probe.recovery(service)
  return { target: service, recoveryMs: recoveryMs ?? null, wrong: recoveryMs === undefined ? [`${service} does not come back`] : [] }
}
