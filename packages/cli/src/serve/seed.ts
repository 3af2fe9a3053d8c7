import { operationsOf } from "@hanok/contract"
import type { Contract, Identity, Topology } from "@hanok/contract"
import { valueOf } from "@hanok/runtime"
import type { RunningService } from "@hanok/runtime"

interface SeedCall {
  readonly identity?: Identity
  readonly idempotencyKey?: string
}

type SeedFunction = (tools: { readonly client: (contract: Contract) => Readonly<Record<string, unknown>> }) => Promise<unknown>

/** Runs a configuration's `seed` with a client for every contract, through the way in from outside; nothing to run is fine. */
export async function runSeed(seed: unknown, running: RunningService, topology: Topology): Promise<unknown> {
  if (typeof seed !== "function") return undefined
  const known = new Set(topology.modules.map(({ contract }) => contract.name))
  const client = (contract: Contract) => {
    if (!known.has(contract.name)) throw new Error(`the seed uses ${contract.name}, which the topology does not have`)
    return Object.fromEntries(operationsOf(contract).map(([operation]) => [operation, callOf(running, contract.name, operation)]))
  }
  // What a configuration exports under that name is documented to be such a function.
  return (seed as SeedFunction)({ client })
}

function callOf(running: RunningService, contract: string, operation: string) {
  const entry = running.host.edge.entry({ name: `seed ${contract}.${operation}`, target: { contract, operation } })
  return async (input: unknown, { identity, idempotencyKey }: SeedCall = {}): Promise<unknown> => {
    const request = entry.open(undefined)
    try {
      const output = valueOf(await request.call({ input, identity, idempotencyKey }).reply)
      request.end(200)
      return output
    } catch (error) {
      request.end(409, error)
      throw error
    }
  }
}
