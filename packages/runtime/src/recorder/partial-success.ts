/** What a receiver did not take of a request that it answered with success (OTLP 1.x, "Partial Success"). */
export interface PartialSuccess {
  readonly rejected: number
  /** Why, in its words. */
  readonly message: string
}

/** Out of the body of an answer, bytes as Latin-1 text. `undefined` when it says nothing of that, or is not understood. */
export function partialSuccessOf(body: string, contentType = ""): PartialSuccess | undefined {
  // Most answers are one of these.
  if (body === "" || body === "{}") return undefined
  try {
    const bytes = Buffer.from(body, "latin1")
    if (/\bjson\b/i.test(contentType)) return inJson(JSON.parse(bytes.toString()))
    return /protobuf/i.test(contentType) ? inProtobuf(bytes) : undefined
  } catch {
    return undefined
  }
}

function inJson(value: unknown): PartialSuccess | undefined {
  const { partialSuccess }: { readonly partialSuccess?: unknown } = Object(value)
  const { rejectedSpans, errorMessage }: { readonly rejectedSpans?: unknown; readonly errorMessage?: unknown } = Object(partialSuccess)
  return partial(Number(rejectedSpans ?? 0), errorMessage)
}

function inProtobuf(bytes: Buffer): PartialSuccess | undefined {
  const inner = fieldsOf(bytes)[1]
  if (!Buffer.isBuffer(inner)) return undefined
  const [, rejected = 0, message] = fieldsOf(inner)
  return partial(Number(rejected), Buffer.isBuffer(message) ? message.toString() : "")
}

/** It goes into a log line. */
const longestMessage = 500

function partial(rejected: number, message: unknown): PartialSuccess | undefined {
  return rejected > 0 ? { rejected, message: typeof message === "string" ? message.slice(0, longestMessage) : "" } : undefined
}

// By number; those beyond two are for later versions. Throws a RangeError on what is no protobuf.
function fieldsOf(bytes: Buffer): readonly (number | Buffer | undefined)[] {
  const fields: (number | Buffer | undefined)[] = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at++)
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const [number, type] = [Math.floor(tag / 8), tag % 8]
    if (type === 0) {
      const value = varint()
      if (number <= 2) fields[number] = value
    } else {
      const size = type === 2 ? varint() : type === 1 ? 8 : 4
      if (number <= 2) fields[number] = bytes.subarray(at, at + size)
      at += size
    }
  }
  return fields
}
