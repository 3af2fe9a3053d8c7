import type { Context, Logger } from "./context.ts"
import type { Json } from "./schema.ts"
import type { Journal } from "./journal.ts"
import type { Outbox, OutboxWriter } from "./outbox.ts"

/** What an adapter is told about the place where it is put in. */
export interface AdapterHost {
  /** The module whose need is filled. */
  readonly module: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
}

/** A filled need, and what the runtime may ask of it. */
export interface Filled<Port> {
  readonly port: Port
  /**
   * Given by a transactional store: commands are applied once through that of a module's first need that has one, or has one that is
   * not its process's own; the steps of the others are forgotten through theirs, so an adapter that is made of a store hands it on.
   */
  readonly journal?: Journal
  /** Given by a transactional store: events leave through it, from each of a module's stores. */
  readonly outbox?: Outbox
  /** Resolves when the need can serve; rejects with what is wrong. Asked again by the readiness check. */
  ready?(): Promise<void>
  /**
   * Releases everything; called once, after the last call has ended. It has what is left of the service's grace, and two seconds at
   * least; then the process ends all the same, and the log says what was left open.
   */
  close?(): Promise<void>
}

/** A technology that fills a port. `create` does not wait for the technology to answer; `ready` does. */
export interface Adapter<Port> {
  readonly kind: "adapter"
  /** The technology's name, for the graph: `postgres`, `memory`, `http`. */
  readonly technology: string
  create(host: AdapterHost): Promise<Filled<Port>>
}

/** The port's type, from the adapter that fills it. */
export type PortOf<A> = A extends Adapter<infer Port> ? Port : never

/** What every unit of transactional work carries: events written with it leave if, and only if, it commits. */
export interface Transaction {
  readonly outbox: OutboxWriter
}

/** A port to a module's own data. `Reads` and `Writes` are the module's words for it. */
export interface Store<Reads, Writes> {
  /** For queries; what is read is not isolated from what is written meanwhile. Within a transaction of the same call it is read in that. */
  read(context: Context): Reads
  /**
   * Runs `work` in one transaction: all of it is kept or none. `work` may run more than once
   * (after a conflict with another transaction), so it changes nothing outside the transaction.
   * Within a keyed command a transaction that has committed is not run again: its result, which must be JSON, is given back. It is found
   * by its number among those of the command, so that each run has to begin them in the same order.
   * Fails within another transaction of the same call.
   */
  transaction<Result extends Json | void>(context: Context, work: (tx: Writes & Transaction) => Promise<Result>): Promise<Result>
}

/**
 * Makes an adapter from a plain function, for ports without a technology of their own.
 * @example
 * const systemClock = defineAdapter("clock", () => ({ now: () => new Date() }))
 */
export function defineAdapter<Port>(technology: string, create: (host: AdapterHost) => Port | Promise<Port>): Adapter<Port> {
  return { kind: "adapter", technology, create: async (host) => ({ port: await create(host) }) }
}
