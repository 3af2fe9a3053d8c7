import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import { Malformed } from "../otlp/malformed.ts"
import { parseJson } from "../otlp/parse-json.ts"
import type { Encoding } from "./otlp-answer.ts"

/** Bodies as they arrive, and unpacked. */
export const longestBodyBytes = 16 * 1024 * 1024
const longestUnpackedBytes = 64 * 1024 * 1024

/** A request that OTLP does not allow; answered with the status. */
export class Refused extends Error {
  override readonly name = "Refused"
  readonly status: 400 | 413 | 415

  constructor(status: 400 | 413 | 415, message: string) {
    super(message)
    this.status = status
  }
}

/** The encoding that the header names; `undefined` when it is none of OTLP's. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const mediaType = contentType?.split(";", 1)[0]?.trim().toLowerCase()
  if (mediaType === "application/json") return "json"
  return mediaType === "application/x-protobuf" ? "protobuf" : undefined
}

const unzip = promisify(gunzip)

/** Unpacks a body, as far as it may go. Throws `Refused`. */
export async function unpacked(body: Buffer, contentEncoding = "identity"): Promise<Buffer> {
  const encoding = contentEncoding.trim().toLowerCase()
  if (encoding === "identity" || encoding === "") return body
  if (encoding !== "gzip") throw new Refused(415, `The content encoding ${encoding.slice(0, 40)} is not understood; use gzip or none.`)
  try {
    return await unzip(body, { maxOutputLength: longestUnpackedBytes })
  } catch (error) {
    if (error instanceof RangeError)
      throw new Refused(413, `The body is longer than ${longestUnpackedBytes} bytes when it is unpacked; send less at once.`)
    throw new Refused(400, "The body is not gzip, or was cut off.")
  }
}

/** Reads a body with the decoder for its encoding. Throws `Refused`. */
export function decoded<T>(encoding: Encoding, body: Buffer, decoders: Decoders<T>): T {
  try {
    return encoding === "json" ? decoders.json(parseJson(body)) : decoders.protobuf(body)
  } catch (error) {
    if (error instanceof Malformed) throw new Refused(400, `The body is not ${decoders.request}: ${error.message}.`)
    if (error instanceof SyntaxError) throw new Refused(400, `The body is not JSON: ${error.message}.`)
    throw error
  }
}

export interface Decoders<T> {
  /** With its article, for messages. */
  readonly request: string
  json(value: unknown): T
  protobuf(bytes: Uint8Array): T
}
