import type { Adapter, PortOf, Transaction } from "./adapter.ts"
import { callSite } from "./call-site.ts"
import type { Client } from "./client.ts"
import type { Context, HandlerContext } from "./context.ts"
import type { Contract, EventInput, EventName, EventPayload, HandlerInput, HandlerOutput, OperationName, RefusalsOf } from "./contract.ts"

export type Uses = Readonly<Record<string, Contract>>
export type Needs = Readonly<Record<string, Adapter<unknown>>>

/** One function for each event of the module's contract; the event leaves if, and only if, the transaction commits. */
export type Emitter<C extends Contract> = {
  readonly [E in EventName<C>]: (tx: Transaction, payload: EventInput<C["declarations"][E]>, context: Context) => Promise<void>
}

/**
 * What a module's handlers are made from: a client for each contract it uses,
 * a filled port for each of its needs, and `events` to emit its own.
 */
export type Ports<C extends Contract, U extends Uses = {}, N extends Needs = {}> = {
  readonly [K in keyof U]: Client<U[K]>
} & { readonly [K in keyof N]: PortOf<N[K]> } & { readonly events: Emitter<C> }

/** The function behind an operation; for a command, its use case. One that waits for nothing may return its output itself. */
export type Handler<C extends Contract, Op extends OperationName<C>> = (
  input: HandlerInput<C["declarations"][Op]>,
  context: HandlerContext<RefusalsOf<C["declarations"][Op]>>,
) => Promise<HandlerOutput<C["declarations"][Op]>> | HandlerOutput<C["declarations"][Op]>

/** For every query and command of the contract, the function that makes its handler from the ports. */
export type Handlers<C extends Contract, P> = { readonly [Op in OperationName<C>]: (ports: P) => Handler<C, Op> }

/** What a module does when an event of another comes in; applied once for each event. */
export type Reaction<C extends Contract, E extends EventName<C>> = (
  payload: EventPayload<C["declarations"][E]>,
  context: Context,
) => Promise<void>

/** For some of the events of each contract listened to, the function that makes the reaction from the ports. */
export type Reactions<L extends Uses, P> = [keyof L] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [K in keyof L]?: { readonly [E in EventName<L[K]>]?: (ports: P) => Reaction<L[K], E> } }

/** Work that is done again and again, each run by one replica of those that share a store; see `docs/guides/modules.md`. One that takes longer than `everyMs` may meet the next, in another. */
export interface Job<P = never> {
  /** Milliseconds between two runs; one that comes while no process is there is not made up for, unless they are more than a minute apart and one begins within two minutes. */
  readonly everyMs: number
  readonly run: (ports: P) => (context: Context) => Promise<void>
}

/** How a module is wired: its contract, its owner, what it uses, listens to and needs, and what it does. */
export interface ModuleWiring<C extends Contract, U extends Uses, L extends Uses, N extends Needs> {
  readonly contract: C
  /** The team that answers for it. */
  readonly owner: string
  /** The contracts it may call. A cycle of `uses` is a fault: break it with an event. */
  readonly uses?: U
  /** The contracts whose events it reacts to. */
  readonly listens?: L
  /** Its stores, clocks and other technologies. */
  readonly needs?: N
  // What is not declared above is not inferred from what the functions below ask for.
  readonly handlers: Handlers<C, Ports<C, NoInfer<U>, NoInfer<N>>>
  readonly reactions?: Reactions<NoInfer<L>, Ports<C, NoInfer<U>, NoInfer<N>>>
  readonly jobs?: Readonly<Record<string, Job<Ports<C, NoInfer<U>, NoInfer<N>>>>>
}

/** A module as a topology takes it, whatever its contract. */
export interface Module {
  readonly kind: "module"
  readonly contract: Contract
  readonly owner: string
  readonly uses: Uses
  readonly listens: Uses
  readonly needs: Needs
  // The runtime makes the ports from the fields above, which is what the precise types of these three ask for.
  readonly handlers: Readonly<Record<string, (ports: never) => (input: never, context: never) => unknown>>
  readonly reactions: Readonly<
    Record<string, Readonly<Record<string, (ports: never) => (payload: never, context: never) => Promise<void>>>>
  >
  readonly jobs: Readonly<Record<string, Job>>
  readonly definedAt: string | undefined
}

/**
 * Declares a module: wiring, nothing else.
 * @example
 * const giftModule = defineModule({
 *   contract: giftContract, owner: "team-gift", uses: { order: orderContract }, needs: { store: giftStore },
 *   handlers: { giftsOfOrder, claimGift },
 * })
 */
export function defineModule<C extends Contract, U extends Uses = {}, L extends Uses = {}, N extends Needs = {}>(
  wiring: ModuleWiring<C, U, L, N>,
): Module {
  return {
    kind: "module",
    contract: wiring.contract,
    owner: wiring.owner,
    uses: wiring.uses ?? {},
    listens: wiring.listens ?? {},
    needs: wiring.needs ?? {},
    handlers: wiring.handlers,
    // `Reactions` allows a missing contract and a missing event; what is there are functions.
    reactions: (wiring.reactions ?? {}) as Module["reactions"],
    jobs: wiring.jobs ?? {},
    definedAt: callSite(),
  }
}

/**
 * The same module with some of its needs filled by other adapters: another store, a slower clock.
 * @example
 * fill(giftModule, { store: giftStoreInMemory })
 */
export function fill(module: Module, needs: Needs): Module {
  return { ...module, needs: { ...module.needs, ...needs } }
}
