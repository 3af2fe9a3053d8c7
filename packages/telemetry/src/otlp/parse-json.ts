import { Malformed } from "./malformed.ts"
import { mostMessages } from "./message.ts"

/** The JSON text of a body, parsed; integers that a number cannot carry become a bigint. Throws `Malformed`, or a `SyntaxError`. */
export function parseJson(body: Buffer): unknown {
  if (openingsIn(body) > mostMessages) throw new Malformed(`more than ${mostMessages} objects and lists; send less at once`)
  const text = body.toString("utf8")
  return longNumber.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
}

// Before it is parsed, which takes longest where there are most of them. Those in texts are counted along.
function openingsIn(body: Buffer): number {
  let count = 0
  for (const byte of body) if (byte === brace || byte === bracket) count++
  return count
}

const brace = 0x7b
const bracket = 0x5b

/** Times are such, where they are not written as text; asking for each number's text takes longer than parsing. */
const longNumber = /[:,[]\s*-?\d{16,}\s*[,}\]]/

function exact(_name: string, value: unknown, { source = "" }: { readonly source?: string } = {}): unknown {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value
}
