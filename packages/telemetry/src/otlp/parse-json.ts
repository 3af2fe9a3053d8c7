import { Malformed } from "./malformed.ts"
import { mostMessages } from "./message.ts"

/** The JSON text of a body, parsed; integers that a number cannot carry become a bigint. Throws `Malformed`, or a `SyntaxError`. */
export function parseJson(body: Buffer): unknown {
  checkAmount(body)
  const text = body.toString("utf8")
  return longNumber.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
}

// Before it is parsed, which takes longest where there are most of them. Those in texts are not counted: a log line may have any.
function checkAmount(body: Buffer): void {
  let [openings, commas, isText] = [0, 0, false]
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (byte === quote) isText = !isText
    else if (isText) at += byte === backslash ? 1 : 0
    else if (byte === brace || byte === bracket) openings++
    else if (byte === comma) commas++
  }
  if (openings > mostMessages) throw new Malformed(`more than ${mostMessages} objects and lists; send less at once`)
  if (commas > mostCommas) throw new Malformed(`more than ${mostCommas} values beside each other; send less at once`)
}

/** OTLP has hardly more of them than of messages. */
const mostCommas = 2 * mostMessages

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const brace = 0x7b
const bracket = 0x5b

/** Times are such, where they are not written as text; asking for each number's text takes longer than parsing. None of 64 bits is longer. */
const longNumber = /[:,[]\s*-?\d{16,20}\s*[,}\]]/

function exact(_name: string, value: unknown, { source = "" }: { readonly source?: string } = {}): unknown {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d{16,20}$/.test(source) ? BigInt(source) : value
}
