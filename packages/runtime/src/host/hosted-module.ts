import { eventsOf, Fault, isFault, operationsOf } from "@hanok/contract"
import type { Emitter, Filled, Job, Journal, Logger, Module, Outbox } from "@hanok/contract"
import { Scope } from "../context/scope.ts"
import { settledWithin } from "../context/settled-within.ts"
import { messageOf } from "../error-text.ts"
import { createReactionRun } from "../events/reaction.ts"
import type { ReactionRun } from "../events/reaction.ts"
import { createMemoryJournal } from "../memory/journal.ts"
import { createBoundary } from "../seam/boundary.ts"
import { createLocalOperation } from "../seam/local-operation.ts"
import type { AnyHandler, LocalOperation } from "../seam/local-operation.ts"
import type { PortFunction } from "../seam/port.ts"
import { closeNeeds } from "./close-needs.ts"
import { createFingerprint } from "./fingerprint.ts"
import type { Fingerprint } from "./fingerprint.ts"
import { OncePerKey } from "./once-per-key.ts"

/** A module that lives in this process, with its needs filled. */
export interface HostedModule {
  readonly module: Module
  readonly operations: ReadonlyMap<string, LocalOperation>
  /** By contract and event: `order.orderPaid`. */
  readonly reactions: ReadonlyMap<string, ReactionRun>
  readonly jobs: readonly HostedJob[]
  readonly once: OncePerKey
  /** Of each of its stores; the first is that of `once`: one that replicas share, where there is one. */
  readonly journals: readonly Journal[]
  /** Of each of its stores. */
  readonly outboxes: readonly Outbox[]
  /** What is not ready yet; empty when all is. */
  unready(): Promise<readonly string[]>
  /** Closes its needs. */
  close(options: { readonly graceMs: number }): Promise<void>
}

export interface HostedJob {
  readonly name: string
  readonly everyMs: number
  readonly start: ReturnType<Job["run"]>
  /** What has become of its runs here. */
  readonly counts: JobCounts
}

export interface JobCounts {
  done: number
  failed: number
}

export interface ModuleSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** A port to each contract that the module uses, by the name it uses. */
  readonly clients: Readonly<Record<string, Readonly<Record<string, PortFunction>>>>
  readonly events: Emitter<Module["contract"]>
}

type Needs = Readonly<Record<string, Filled<unknown>>>

/** Fills a module's needs and makes its handlers. When one of either fails, the needs filled before are closed again. */
export async function hostModule(module: Module, surroundings: ModuleSurroundings): Promise<HostedModule> {
  const { env, log } = surroundings
  const filled: Record<string, Filled<unknown>> = {}
  try {
    for (const [name, adapter] of Object.entries(module.needs)) {
      const create = async () => adapter.create({ module: module.contract.name, env, log })
      filled[name] = await create().catch(notMade(`The need ${name} of ${module.contract.name}`))
    }
    return withNeeds(module, surroundings, filled)
  } catch (error) {
    await closeNeeds(module.contract.name, filled, log, 0)
    throw error
  }
}

function withNeeds(module: Module, surroundings: ModuleSurroundings, filled: Needs): HostedModule {
  const journals = Object.values(filled).flatMap((need) => need.journal ?? [])
  const [journal = createMemoryJournal(), ...others] = journals.toSorted((one, other) => ownLast(one) - ownLast(other))
  const once = new OncePerKey(journal)
  const outboxes = Object.values(filled).flatMap((need) => need.outbox ?? [])
  const fingerprint = createFingerprint(surroundings.env["HANOK_SECRET"])
  const needs = Object.fromEntries(Object.entries(filled).map(([name, need]) => [name, need.port]))
  // The ports are what the module's own types ask for: `defineModule` has checked them against these very fields.
  const ports = { ...surroundings.clients, ...needs, events: surroundings.events } as never
  return {
    module,
    operations: new Map(
      operationsOf(module.contract).map(([name, operation]) => [name, localOperation(module, name, operation, ports, once, fingerprint)]),
    ),
    reactions: new Map(reactionsOf(module, ports, once)),
    jobs: Object.entries(module.jobs).map(([name, job]) => ({
      name,
      everyMs: job.everyMs,
      start: made(`The job ${name} of ${module.contract.name}`, () => job.run(ports)),
      counts: { done: 0, failed: 0 },
    })),
    once,
    journals: [journal, ...others],
    outboxes,
    unready: () => unreadyNeeds(module.contract.name, filled),
    close: ({ graceMs }) => closeNeeds(module.contract.name, filled, surroundings.log, graceMs),
  }
}

function localOperation(
  module: Module,
  name: string,
  operation: Parameters<typeof createBoundary>[2],
  ports: never,
  once: OncePerKey,
  fingerprint: Fingerprint,
): LocalOperation {
  const make = module.handlers[name]
  if (!make) throw new Fault("INTERNAL", `${module.contract.name} has no handler for ${name}.`)
  const handler = made(`The handler ${name} of ${module.contract.name}`, () => make(ports))
  // The boundary parses what goes in, so the handler gets what its type says.
  return createLocalOperation(createBoundary(module.contract.name, name, operation), handler as AnyHandler, once, fingerprint)
}

function reactionsOf(module: Module, ports: never, once: OncePerKey): [string, ReactionRun][] {
  return Object.entries(module.reactions).flatMap(([alias, byEvent]) => {
    const contract = module.listens[alias]
    const events = new Map(contract ? eventsOf(contract) : [])
    return Object.entries(byEvent).flatMap(([event, make]): [string, ReactionRun][] => {
      const declaration = events.get(event)
      if (!contract || !declaration) return []
      const name = `${contract.name}.${event}`
      const reaction = made(`The reaction of ${module.contract.name} to ${name}`, () => make(ports))
      // The payload is parsed before it reacts, so it gets what its type says.
      return [[name, createReactionRun(name, declaration, reaction as ReactionRun, once)]]
    })
  })
}

function made<T>(what: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    return notMade(what)(error)
  }
}

/** Throws what tells whose making has failed. A fault says what is wrong, and what to do, itself. */
function notMade(what: string): (error: unknown) => never {
  return (error) => {
    throw isFault(error) ? error : new Error(`${what} could not be made: ${messageOf(error)}`, { cause: error })
  }
}

function ownLast({ isOfProcess }: Journal): number {
  return isOfProcess ? 1 : 0
}

/** How long a need may take to say whether it is ready. */
const readyTimeoutMs = 2_000

async function unreadyNeeds(module: string, filled: Needs): Promise<readonly string[]> {
  const asked = Object.entries(filled).map(async ([name, need]) => {
    if (!need.ready) return undefined
    const scope = Scope.lasting(readyTimeoutMs)
    try {
      await settledWithin(scope, need.ready())
      return undefined
    } catch (error) {
      return `${module}.${name}: ${error === scope.ended ? `no answer within ${readyTimeoutMs} ms` : messageOf(error)}`
    } finally {
      scope.close()
    }
  })
  return (await Promise.all(asked)).filter((trouble) => trouble !== undefined)
}
