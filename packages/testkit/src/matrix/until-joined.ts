import type { Topology } from "@hanok/contract"
import type { Address } from "@hanok/runtime"
import { until } from "../until.ts"

const joinedWithinMs = 30_000

interface Placed {
  /** Of the service, and of the one module in it. */
  readonly name: string
  readonly address: Address
}

/** Resolves when each service has a connection to all that its module uses, so that a test's first calls wait for none. */
export async function untilJoined(services: readonly Placed[], { modules }: Topology): Promise<void> {
  const uses = new Map(modules.map((module) => [module.contract.name, Object.values(module.uses).map(({ name }) => name)]))
  const isJoined = async ({ name, address }: Placed) => {
    const reached = await reachedFrom(address)
    return (uses.get(name) ?? []).every((used) => reached.has(used))
  }
  const look = async () => (await Promise.all(services.map(isJoined))).every(Boolean)
  await until(look, { withinMs: joinedWithinMs, what: "the services to be connected to those that they use" })
}

async function reachedFrom({ host, port }: Address): Promise<ReadonlySet<string>> {
  const answer = await fetch(`http://${host}:${port}/health/load`)
  // As `ServiceMetrics` of the runtime has it.
  const { replicas } = (await answer.json()) as { readonly replicas: readonly { readonly service: string; readonly isReady: boolean }[] }
  return new Set(replicas.filter(({ isReady }) => isReady).map(({ service }) => service))
}
