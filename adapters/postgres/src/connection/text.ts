import { createHash } from "node:crypto"

/** A zero byte, which PostgreSQL's texts cannot hold, becomes its picture. */
export function withoutZero(text: string): string {
  return text.replaceAll("\0", "\u2400")
}

/** An index takes no more than 2704 bytes, of which other columns have some. */
const longestKey = 2_000

/** A key as an index can hold it, and give it back: of one that is too long, its digest. */
export function keyText(key: string): string {
  const text = withoutZero(key).toWellFormed()
  return Buffer.byteLength(text) <= longestKey ? text : createHash("sha256").update(text).digest("base64url")
}
