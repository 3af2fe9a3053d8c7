import type { Identity } from "@hanok/contract"

/** A copy that no callee can change: within a process all calls of a request share it. */
export function frozenIdentity(identity: Identity): Identity
export function frozenIdentity(identity: Identity | undefined): Identity | undefined
export function frozenIdentity(identity: Identity | undefined): Identity | undefined {
  if (!identity) return undefined
  if (Object.isFrozen(identity) && Object.isFrozen(identity.roles)) return identity
  return Object.freeze({ subject: identity.subject, roles: Object.freeze([...identity.roles]) })
}
