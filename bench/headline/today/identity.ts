import type { Identity } from "@hanok/contract"

/** The headers in which services tell each other for whom they ask. Only the gateway is reached from outside, and it sets them. */
export function identityHeaders(identity: Identity | undefined): Readonly<Record<string, string>> {
  return identity ? { "x-user-id": identity.subject, "x-user-roles": identity.roles.join(",") } : {}
}

export function identityOf(headers: Readonly<Record<string, unknown>>): Identity | undefined {
  const { "x-user-id": subject, "x-user-roles": roles } = headers
  if (typeof subject !== "string") return undefined
  return { subject, roles: typeof roles === "string" && roles !== "" ? roles.split(",") : [] }
}
