import type { Context } from "./context.ts"
import type { Json } from "./schema.ts"

/** How a command, a reaction or a job ended, as it is kept for repetitions. */
export type Outcome =
  /** Nothing is what an operation may give whose schema lets it, and is not kept as `null`. */
  | { readonly kind: "output"; readonly output?: Json | undefined }
  | { readonly kind: "refusal"; readonly code: string; readonly details: Json }

/** What the journal knows about a key when work under it wants to begin. */
export type Begun =
  /** Nobody has begun it, or whoever did has lost the lease: carry it out. */
  | { readonly state: "begun" }
  /** It is done; give this answer. */
  | { readonly state: "done"; readonly outcome: Outcome }
  /** Another holds the lease until then (milliseconds since the epoch). */
  | { readonly state: "running"; readonly leasedUntil: number }
  /** The key was used before for something else. */
  | { readonly state: "reused" }

/**
 * A module's memory of what was carried out under which key. It makes commands, reactions and jobs
 * apply once: `begin` lets one run at a time, each transaction of the run is recorded in its own commit
 * (so that a second run after a crash skips it), and `finish` keeps the answer.
 * Errors reject with `Fault` `UNAVAILABLE`.
 */
export interface Journal {
  /** It lasts as long as its process, so that each replica has another one. A module's work is kept in one that replicas share, where it has one. */
  readonly isOfProcess?: boolean
  /**
   * `fingerprint` identifies operation and input; the same key with another one is `reused`.
   * What is done is a span below that of `context`, here and below; its deadline does not cut it off.
   */
  begin(key: string, fingerprint: string, leaseMs: number, context?: Context): Promise<Begun>
  finish(key: string, outcome: Outcome, context?: Context): Promise<void>
  /** Gives the lease back after a fault, so that a repetition can begin at once. */
  abandon(key: string, context?: Context): Promise<void>
  /** Forgets what ended more than that long ago; what was given up half-way, or asked for again, may stay for longer. Returns how many keys were forgotten. */
  forget(olderThanMs: number): Promise<number>
}
