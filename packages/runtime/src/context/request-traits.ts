import type { Identity, Priority } from "@hanok/contract"

/** What is the same for all that is done for one request, in whatever process it is done. */
export interface RequestTraits {
  /** Who asks; frozen. */
  readonly identity: Identity | undefined
  /**
   * What it is worth where there is too much to do: the priority of the operation through which it came in.
   * `undefined` for jobs and reactions, which are nobody's request: each operation that they call has its own.
   */
  readonly priority: Priority | undefined
  /** Whether the same work may come once more under its key: not when the key was made here and nobody else knows it. */
  readonly mayComeAgain: boolean
}

/** Of jobs and reactions. */
export const nobodysRequest: RequestTraits = Object.freeze({ identity: undefined, priority: undefined, mayComeAgain: true })

/** Those of a call within `request` to an operation of that priority. `isNamed`: the caller gave a key that it may give again. */
export function traitsBelow(request: RequestTraits, priority: Priority, isNamed: boolean): RequestTraits {
  if (request.priority !== undefined && (request.mayComeAgain || !isNamed)) return request
  return { identity: request.identity, priority: request.priority ?? priority, mayComeAgain: isNamed || request.mayComeAgain }
}
