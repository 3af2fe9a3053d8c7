import { Fault } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import { isId } from "./id.ts"

/**
 * Who asks. For operations about one's own things: from outside nobody reaches them without a token, and other programs have
 * to say whom they speak for. Tokens of other issuers may name somebody as no id of the shop's does: they own nothing here.
 */
export function subjectOf(context: Context): string {
  const subject = context.identity?.subject
  if (subject === undefined) throw new Fault("FORBIDDEN", "This is about the caller's own things, and the call speaks for nobody.")
  if (isId(subject)) return subject
  throw new Fault("FORBIDDEN", "This is about the caller's own things, and the call speaks for somebody who can have none here.")
}

export function hasRole(context: Context, role: "customer" | "partner" | "admin"): boolean {
  return context.identity?.roles.includes(role) ?? false
}
