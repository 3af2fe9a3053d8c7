import { hash, randomFillSync } from "node:crypto"

// Put together from pieces, as `crypto.randomUUID` does, a UUID is a tree of a dozen strings to V8, and stays one where it is kept:
// ten times the memory, and as many objects more for the garbage collector. Read from bytes it is one string.
const text = Buffer.alloc(36, "-")
/** Where the digits of each byte go (RFC 9562, section 4). */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const digits = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0))

const pool = new Uint8Array(16 * 128)
let used = pool.length

/** A random UUID (RFC 9562, version 4). */
export function randomUuid(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 16
  return format(pool, used - 16, 4)
}

/** A UUID of a text: the same again for the same (RFC 9562, version 8: of its SHA-256). */
export function uuidOf(source: string): string {
  return format(hash("sha256", source, "buffer"), 0, 8)
}

function format(bytes: Uint8Array, start: number, version: number): string {
  for (let index = 0; index < 16; index++) {
    const place = places[index] ?? 0
    const byte = bytes[start + index] ?? 0
    text[place] = digits[byte >>> 4] ?? 0
    text[place + 1] = digits[byte & 0xf] ?? 0
  }
  text[14] = digits[version] ?? 0
  // The variant: its first two bits.
  text[19] = digits[(((bytes[start + 8] ?? 0) >>> 4) & 0x3) | 0x8] ?? 0
  return text.toString("latin1")
}
