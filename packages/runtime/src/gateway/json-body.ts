import { isUtf8 } from "node:buffer"
import { Fault } from "@hanok/contract"
import { HttpProblem } from "./http-problem.ts"
import { mistakeIn } from "./json-mistake.ts"
import { unsafeFieldOf } from "./unsafe-field.ts"

/** Deeper than any contract needs, and far from where recursive code runs out of stack. */
const deepest = 64
const pieceBytes = 60

/**
 * A request's body as JSON (RFC 8259); `undefined` when it is empty. Throws an `HttpProblem` that names the position
 * of what is not JSON, or a `Fault` `INVALID_INPUT` that names the field that is not safe to pass on.
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  const text = bytes.toString("utf8")
  // What is not UTF-8 is decoded as that character, and so is the character itself.
  if (text.includes("\ufffd") && !isUtf8(bytes)) throw malformed("The body is not valid UTF-8.")
  if (opensMany(text, "{") || opensMany(text, "[")) checkDepth(bytes)
  const value = parse(text)
  // What cannot contain such a field is not searched for it; almost every body ends here.
  if (!/__proto__|constructor|\\u/.test(text)) return value
  const unsafe = unsafeFieldOf(value)
  if (unsafe) throw new Fault("INVALID_INPUT", `The body is not accepted: ${unsafe.field} ${unsafe.message}.`, { issues: [unsafe] })
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const position = mistakeIn(text, error)
    throw malformed(`The body is not valid JSON at position ${position}${pieceAt(text, position)}.`)
  }
}

function pieceAt(text: string, position: number): string {
  if (position >= text.length) return ", where it ends too early"
  const piece = text.slice(position, position + 12)
  return `: ${JSON.stringify(piece).slice(0, pieceBytes)}`
}

// What opens few is not deep; almost every body ends here.
function opensMany(text: string, opening: string): boolean {
  let count = 0
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) if (++count > deepest / 2) return true
  return false
}

function checkDepth(bytes: Buffer): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > deepest) throw malformed(`The body is nested deeper than ${deepest} levels, at position ${i}.`)
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
}

function malformed(message: string): HttpProblem {
  return new HttpProblem("MALFORMED_JSON", message)
}
