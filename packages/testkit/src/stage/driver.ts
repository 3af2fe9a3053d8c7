import { randomUUID } from "node:crypto"
import { defineContract, defineModule, eventsOf, query } from "@hanok/contract"
import type { CallOptions, Context, Contract, Module, Schema } from "@hanok/contract"
import type { Edge } from "@hanok/runtime"
import type { TestCall } from "./caller.ts"
import { EventLog } from "./event-log.ts"
import type { LineLog } from "./line-log.ts"

/** The module in whose name a test calls. */
export const driverName = "test"

/** Calls the modules under test as one of them would, and hears all their events. */
export interface Driver {
  /** Its `uses` and `listens` name every contract. Made of the same contracts in another process it is the same to the others. */
  readonly module: Module
  readonly events: EventLog
  call(edge: Edge, log: LineLog, contract: string, operation: string, input: unknown, call: TestCall): Promise<unknown>
}

type PortFunction = (input: unknown, context: Context, options: CallOptions) => Promise<unknown>
type DriverPorts = Readonly<Record<string, Readonly<Record<string, PortFunction>>>>
type Work = (ports: DriverPorts, context: Context) => Promise<void>

export function createDriver(contracts: readonly Contract[]): Driver {
  const works = new Map<string, Work>()
  const events = new EventLog()
  const uses = Object.fromEntries(contracts.map((contract) => [contract.name, contract]))
  const module = defineModule({
    contract: driverContract,
    owner: "testkit",
    uses,
    listens: uses,
    handlers: {
      perform: (ports) => async (input, context) => {
        // One port for each contract in `uses`, with a function for each operation; the input is what `call` below sends.
        await works.get(input as string)?.(ports as unknown as DriverPorts, context)
        return null
      },
    },
    reactions: Object.fromEntries(contracts.map((contract) => [contract.name, recording(contract, events)])),
  })
  return { module, events, call: (...call) => drive(works, ...call) }
}

// The work, with input and output of the call in it, is handed over by reference: only its id passes the driver's own seam.
async function drive(
  works: Map<string, Work>,
  edge: Edge,
  log: LineLog,
  contract: string,
  operation: string,
  input: unknown,
  { identity, idempotencyKey, timeoutMs, signal, traceparent }: TestCall,
): Promise<unknown> {
  const id = randomUUID()
  const options = { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(idempotencyKey === undefined ? {} : { idempotencyKey }) }
  const request = edge
    .entry({ name: `test ${contract}.${operation}`, target: { contract: driverName, operation: "perform" } })
    .open(traceparent)
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  works.set(id, async (ports, context) => {
    const reply =
      ports[contract]?.[operation]?.(input, context, options) ?? Promise.reject(new Error(`There is no ${contract}.${operation}.`))
    await reply.then(resolve, reject)
  })
  const asked = { input: id, identity, idempotencyKey: undefined, timeoutMs: undefined }
  const pending = request.call(asked)
  pending.reply.catch(reject)
  const cancel = () => pending.cancel()
  signal?.addEventListener("abort", cancel)
  if (signal?.aborted) cancel()
  try {
    return await promise
  } catch (error) {
    throw await log.explain(error, request.traceId)
  } finally {
    signal?.removeEventListener("abort", cancel)
    works.delete(id)
    request.end(200)
  }
}

function recording(contract: Contract, events: EventLog) {
  const reactions = eventsOf(contract).map(([event]) => {
    const react = async (payload: unknown, context: Context) => {
      events.add({ contract: contract.name, event, payload, traceId: context.trace.traceId })
    }
    return [event, () => react] as const
  })
  return Object.fromEntries(reactions)
}

const anything: Schema = {
  "~standard": {
    version: 1,
    vendor: "hanok",
    validate: (value) => ({ value }),
    jsonSchema: { input: () => ({}), output: () => ({}) },
  },
}

const longestCallMs = 300_000

const driverContract = defineContract(driverName, {
  perform: query({ input: anything, output: anything, http: "POST /test", timeoutMs: longestCallMs }),
})
