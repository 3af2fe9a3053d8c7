import { Fault } from "@hanok/contract"
import type { BreakerState } from "../resilience/breaker.ts"
import type { SeamState } from "../resilience/seam-state.ts"
import type { SeamCall } from "./seam.ts"

/** One try of a call at one replica. */
export interface Attempt {
  /** `host:port`; undefined while it has not been sent. */
  readonly replica: string | undefined
  /** What the breaker between this seam and the replica was when it was sent, or what stopped it. */
  readonly breaker: BreakerState
  /** False when it never left this process: there was no replica, or the breaker is open. Then another try has no better chance. */
  readonly wasSent: boolean
  /** Of one that found no replica: how long it has waited for one, in milliseconds. */
  readonly waitedMs?: number
  /** Nobody waits any more; the receiver hears nothing of it. `DEADLINE_EXCEEDED` counts against the replica, and `outrun` as slowness. */
  cancel(reason: Fault): void
}

/** Why the first of two attempts is cancelled when the second is answered. */
export const outrun = new Fault("CANCELLED", "Another replica, which was asked later, answered first.")

/** Whoever waits for attempts. One of the two is called, once for each attempt, and never before `begin` has returned. */
export interface Receiver {
  succeeded(output: unknown, attempt: Attempt): void
  /** With a `Refusal` or a `Fault`. */
  failed(error: unknown, attempt: Attempt): void
}

/** Which replica would be best. */
export interface Preference {
  /** Not this one, if there is another. */
  readonly avoid: string | undefined
  /** The hash of a key whose calls go to the same replica. */
  readonly keyHash: number | undefined
}

export const anyReplica: Preference = { avoid: undefined, keyHash: undefined }

/** A seam to replicas, call by call without a promise for each. */
export interface Attempts {
  /** What is remembered of a module's calls to a contract; the same object each time. */
  stateOf(caller: string, contract: string): SeamState
  /** `nowMs` is on the clock of `now`. */
  begin(call: SeamCall, state: SeamState, preference: Preference, receiver: Receiver, nowMs: number): Attempt
  /** Whether another replica than that one could take one of those calls now. */
  hasOther(state: SeamState, replica: string | undefined): boolean
}
