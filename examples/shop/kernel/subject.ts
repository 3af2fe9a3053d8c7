import { Fault } from "@hanok/contract"
import type { Context } from "@hanok/contract"

/** Who asks. For operations about one's own things: from outside nobody reaches them without a token, and other programs have to say whom they speak for. */
export function subjectOf(context: Context): string {
  if (context.identity) return context.identity.subject
  throw new Fault("FORBIDDEN", "This is about the caller's own things, and the call speaks for nobody.")
}

export function hasRole(context: Context, role: "customer" | "partner" | "admin"): boolean {
  return context.identity?.roles.includes(role) ?? false
}
