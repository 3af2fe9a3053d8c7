import { Fault } from "@hanok/contract"
import type { Identity } from "@hanok/contract"
import { flatText } from "../context/flat-text.ts"

/**
 * The key under which a command from outside is applied once: `operation|subject|key`. Two users, or two operations,
 * cannot get in each other's way; those without a token share one space, so they had better send random keys.
 * `header` is `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), quoted as the draft says or bare as most
 * send it; `undefined` without it.
 * Throws a `Fault` `INVALID_INPUT` when the key is not 1 to 255 visible ASCII characters.
 */
export function idempotencyKeyOf(
  operation: string,
  identity: Identity | undefined,
  header: string | readonly string[] | undefined,
): string | undefined {
  if (header === undefined) return undefined
  const key = typeof header === "string" ? unquoted(header) : ""
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const issues = [{ field: "/headers/Idempotency-Key", message: "must be 1 to 255 visible ASCII characters, without spaces" }]
    throw new Fault("INVALID_INPUT", "The header Idempotency-Key must be 1 to 255 visible ASCII characters, without spaces.", { issues })
  }
  // Quoted, so that no subject can end in what looks like the beginning of a key.
  return flatText(operation, "|", identity ? JSON.stringify(identity.subject) : "-", "|", key)
}

// A string of RFC 8941, section 3.3.3.
function unquoted(header: string): string {
  const inner = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1]
  return inner === undefined ? header : inner.replaceAll(/\\(.)/g, "$1")
}
