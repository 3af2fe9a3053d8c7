import { randomUUID } from "node:crypto"
import { fill } from "@hanok/contract"
import type { Contract, EventInput, EventName, Module, Needs } from "@hanok/contract"
import { newRootSpanIds } from "@hanok/runtime"
import type { RunningService } from "@hanok/runtime"
import { fake } from "./fake.ts"
import { environmentOf } from "./stage/environment.ts"
import type { Environment } from "./stage/environment.ts"
import { openInline } from "./stage/inline.ts"
import { together } from "./stage/regroup.ts"
import type { Stage } from "./stage/stage.ts"

export interface SliceOptions {
  /** Modules that run as they are. */
  readonly neighbours?: readonly Module[]
  /** Stand-ins for neighbours: see `fake`. A call of what is used and not given at all fails with a message that says so. */
  readonly fakes?: readonly Module[]
  /** In place of the module's own: a store in memory, a clock that stands still. */
  readonly needs?: Needs
  /** Added to the test's own environment; a real store finds `DATABASE_URL` here. */
  readonly env?: Environment
}

export interface TellOptions {
  /** The event's id: the same event told again is applied once. A new id when not given. */
  readonly id?: string
}

/** One module, alone or with neighbours, in this process. */
export interface Slice extends Stage {
  /**
   * Brings an event of another module to all who react to it here; resolves when they have. Rejects with the fault of a
   * reaction that failed: there is no second try.
   */
  tell<C extends Contract, E extends EventName<C>>(
    contract: C,
    event: E,
    payload: EventInput<C["declarations"][E]>,
    options?: TellOptions,
  ): Promise<void>
}

/**
 * Runs one module in this process, with real or faked neighbours.
 * @example
 * const slice = await createSlice(giftModule, { fakes: [fake(orderContract, { orderOf: () => paidOrder })] })
 * await slice.client(giftContract).claimGift({ giftId: "g1" }, { identity: { subject: "c1", roles: ["customer"] } })
 * await slice.close()
 */
export async function createSlice(module: Module, options: SliceOptions = {}): Promise<Slice> {
  const { neighbours = [], fakes = [], needs = {} } = options
  const given = [fill(module, needs), ...neighbours, ...fakes]
  const modules = [...given, ...missingOf(given).map((contract) => fake(contract))]
  const [stage, service] = await openInline(together(module.contract.name, modules), environmentOf(options.env))
  return { ...stage, tell: (contract, event, payload, more) => tell(service, given, contract, event, payload, more) }
}

function missingOf(modules: readonly Module[]): readonly Contract[] {
  const here = new Set(modules.map(({ contract }) => contract.name))
  const used = modules.flatMap(({ uses }) => Object.values(uses)).filter(({ name }) => !here.has(name))
  return [...new Map(used.map((contract) => [contract.name, contract])).values()]
}

async function tell(
  service: RunningService,
  modules: readonly Module[],
  contract: Contract,
  event: string,
  payload: unknown,
  { id = randomUUID() }: TellOptions = {},
): Promise<void> {
  const subscribers = modules.filter((module) => reactsTo(module, contract, event)).map((module) => module.contract.name)
  if (subscribers.length === 0) throw new Error(`No module of this slice reacts to ${contract.name}.${event}.`)
  const told = subscribers.map(
    (subscriber) =>
      service.host.seam.send({ ...deliveryOf(contract, event, payload), subscriber, idempotencyKey: `event ${id} for ${subscriber}` })
        .reply,
  )
  const outcomes = await Promise.allSettled(told)
  const failed = outcomes.find((outcome) => outcome.status === "rejected")
  if (failed) throw failed.reason
}

const reactionTimeoutMs = 10_000

function deliveryOf(contract: Contract, event: string, input: unknown) {
  const who = { caller: contract.name, kind: "event", contract: contract.name, operation: event } as const
  return { ...who, input, remainingMs: reactionTimeoutMs, trace: newRootSpanIds(), identity: undefined }
}

function reactsTo(module: Module, contract: Contract, event: string): boolean {
  return Object.entries(module.listens).some(
    ([alias, { name }]) => name === contract.name && module.reactions[alias]?.[event] !== undefined,
  )
}
