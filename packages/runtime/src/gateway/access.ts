import { Fault } from "@hanok/contract"
import type { Access, Identity } from "@hanok/contract"

/** Throws `UNAUTHENTICATED` or `FORBIDDEN` unless the operation lets that identity in. */
export function checkAccess(operation: string, access: Access, identity: Identity | undefined): void {
  if (access === "public") return
  if (!identity) throw new Fault("UNAUTHENTICATED", `${operation} asks for a token, and the request carries none.`)
  if (access === "signed-in" || access.anyOf.some((role) => identity.roles.includes(role))) return
  throw new Fault("FORBIDDEN", `${operation} asks for one of the roles ${access.anyOf.join(", ")}; the token has ${rolesOf(identity)}.`)
}

function rolesOf(identity: Identity): string {
  return identity.roles.length === 0 ? "none" : identity.roles.join(", ")
}
