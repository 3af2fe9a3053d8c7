import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"

/** What an OTLP/HTTP answer is written in: the same as the request. */
export type Encoding = "json" | "protobuf"

/** The media type of a body in that encoding. */
export const mediaTypes: Readonly<Record<Encoding, string>> = { json: "application/json", protobuf: "application/x-protobuf" }

/** What of a request was not kept; `message` may also warn when `rejected` is 0. */
export interface PartialSuccess {
  /** The JSON name of the count: it differs by signal. */
  readonly name: "rejectedSpans" | "rejectedLogRecords" | "rejectedDataPoints"
  readonly rejected: number
  readonly message: string
}

/** An `Export…ServiceResponse`: they are alike in protobuf. Without `partial` all is kept. */
export function exportResponse(encoding: Encoding, partial: PartialSuccess | undefined): Uint8Array {
  if (encoding === "json") {
    const partialSuccess = partial && { [partial.name]: String(partial.rejected), errorMessage: partial.message }
    return Buffer.from(JSON.stringify(partialSuccess ? { partialSuccess } : {}))
  }
  const writer = new BinaryWriter()
  if (!partial) return writer.finish()
  writer.tag(1, WireType.LengthDelimited).fork()
  writer.tag(1, WireType.Varint).int64(partial.rejected)
  writer.tag(2, WireType.LengthDelimited).string(partial.message)
  return writer.join().finish()
}

/** The codes of google.rpc.Code that are answered, by HTTP status. */
const statusCodes: Readonly<Record<number, number>> = { 400: 3, 405: 12, 413: 8, 415: 3, 429: 8, 503: 14 }
const internal = 13

/** A `google.rpc.Status`: the body of every OTLP answer that is not 2xx. */
export function statusBody(encoding: Encoding, httpStatus: number, message: string): Uint8Array {
  const code = statusCodes[httpStatus] ?? internal
  if (encoding === "json") return Buffer.from(JSON.stringify({ code, message }))
  const writer = new BinaryWriter()
  writer.tag(1, WireType.Varint).int32(code)
  return writer.tag(2, WireType.LengthDelimited).string(message).finish()
}
