import { Fault } from "@hanok/contract"
import type { Context } from "@hanok/contract"

/** Who asks. For operations about one's own things, which nobody reaches without a token. */
export function subjectOf(context: Context): string {
  if (context.identity) return context.identity.subject
  throw new Fault("UNAUTHENTICATED", "This is about the caller's own things, and the call carries no identity.")
}

export function hasRole(context: Context, role: "customer" | "partner" | "admin"): boolean {
  return context.identity?.roles.includes(role) ?? false
}
