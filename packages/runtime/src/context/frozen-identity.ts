import type { Identity } from "@hanok/contract"

// A class, since that is quick to know again.
class FrozenIdentity implements Identity {
  readonly subject: string
  readonly roles: readonly string[]

  constructor({ subject, roles }: Identity) {
    this.subject = subject
    this.roles = Object.freeze([...roles])
    Object.freeze(this)
  }
}

/** A copy that no callee can change: within a process all calls of a request share it. */
export function frozenIdentity(identity: Identity): Identity
export function frozenIdentity(identity: Identity | undefined): Identity | undefined
export function frozenIdentity(identity: Identity | undefined): Identity | undefined {
  if (!identity || identity instanceof FrozenIdentity) return identity
  return new FrozenIdentity(identity)
}
