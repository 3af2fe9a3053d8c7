const utf8 = new TextEncoder()

/**
 * Writes protobuf (https://protobuf.dev/programming-guides/encoding) into one buffer that grows and is used again.
 * A nested message gets a length of fixed width, filled in when it ends, so that nothing is written twice; with `isDense` the length
 * takes no more than it must, for what is written once and sent often.
 */
export class ProtobufWriter {
  readonly #isDense: boolean
  #bytes = new Uint8Array(16 * 1024)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  constructor({ isDense = false } = {}) {
    this.#isDense = isDense
  }

  get length(): number {
    return this.#at
  }

  /** For what is written at a place that `advance` gave, at once. */
  get view(): DataView {
    return this.#view
  }

  reset(): void {
    this.#at = 0
  }

  /** What has been written, in place: it stays as it is until the writer is used again. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  /** Leaves `sizeBytes` to be written through `view`, and says where. */
  advance(sizeBytes: number): number {
    const at = this.#at
    if (at + sizeBytes + slack > this.#bytes.length) this.#grow(sizeBytes)
    this.#at = at + sizeBytes
    return at
  }

  /** Begins a nested message in `field`; pass what it returns to `end`. */
  begin(field: number): number {
    const at = this.advance(1 + lengthWidth)
    this.#bytes[at] = (field << 3) | 2
    return this.#at
  }

  end(start: number): void {
    const size = this.#at - start
    if (this.#isDense && size < 128) return this.#endDensely(start, size)
    const low = (size & 0x7f) | ((size & 0x3f80) << 1)
    const high = ((size >>> 14) & 0x7f) | ((size >>> 13) & 0x7f00)
    this.#view.setUint32(start - lengthWidth, low | (high << 16) | 0x0080_8080, true)
  }

  string(field: number, value: string): void {
    const start = this.begin(field)
    if (value.length < 128 && this.#ascii(start - lengthWidth, value)) return
    this.advance(value.length * 3)
    this.#at = start + utf8.encodeInto(value, this.#bytes.subarray(start)).written
    this.end(start)
  }

  /** What has been encoded before, with its field. */
  encoded(bytes: Encoded): void {
    // First, since it may make room by taking other memory.
    const at = this.advance(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** Begins a nested message of which the size is known, less than 16 KiB, and writes it but for the first `reserved` bytes. */
  sized(field: number, reserved: number, rest: Encoded, more: Encoded): number {
    const size = reserved + rest.length + more.length
    const at = this.advance(3 + size)
    this.#bytes[at] = (field << 3) | 2
    this.#bytes[at + 1] = (size & 0x7f) | 0x80
    this.#bytes[at + 2] = size >>> 7
    this.#bytes.set(rest, at + 3 + reserved)
    if (more.length > 0) this.#bytes.set(more, at + 3 + reserved + rest.length)
    return at + 3
  }

  /** Big-endian words as bytes: how OTLP carries ids. */
  words(field: number, words: Int32Array, from: number, count: number): void {
    const at = this.advance(2 + count * 4)
    const view = this.#view
    view.setUint16(at, (field << 11) | (2 << 8) | (count * 4))
    for (let index = 0; index < count; index++) view.setInt32(at + 2 + index * 4, words[from + index] ?? 0)
  }

  /** A signed integer of up to 53 bits. */
  int(field: number, value: number): void {
    let at = this.advance(11)
    const bytes = this.#bytes
    bytes[at++] = field << 3
    let rest = value
    if (rest < 0) return this.#negative(at, value)
    for (; rest > maxInt; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128
    for (; rest > 127; rest >>>= 7) bytes[at++] = (rest & 127) | 128
    bytes[at++] = rest
    this.#at = at
  }

  double(field: number, value: number): void {
    const at = this.advance(9)
    this.#bytes[at] = (field << 3) | 1
    this.#view.setFloat64(at + 1, value, true)
  }

  /** See `setTimeMs`. */
  timeMs(field: number, timeMs: number): void {
    setTimeMs(this.#view, this.advance(9), field, timeMs)
  }

  // Most strings are short ASCII, whose length is known before they are written.
  #ascii(at: number, value: string): boolean {
    this.advance(value.length)
    const [bytes, length] = [this.#bytes, value.length]
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > 127) return false
      bytes[at + 1 + index] = code
    }
    bytes[at] = length
    this.#at = at + 1 + length
    return true
  }

  #endDensely(start: number, size: number): void {
    const at = start - lengthWidth
    this.#bytes[at] = size
    this.#bytes.copyWithin(at + 1, start, this.#at)
    this.#at = at + 1 + size
  }

  #negative(at: number, value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest > 127n; rest >>= 7n) this.#bytes[at++] = Number(rest & 127n) | 128
    this.#bytes[at++] = Number(rest)
    this.#at = at
  }

  #grow(sizeBytes: number): void {
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + sizeBytes + slack))
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** Writes 9 bytes: a time as fixed64 nanoseconds, from milliseconds since the epoch; exact to a quarter of a microsecond. */
export function setTimeMs(view: DataView, at: number, field: number, timeMs: number): void {
  view.setUint8(at, (field << 3) | 1)
  // Nanoseconds since the epoch do not fit a double: units of 2^32 ms and the rest are multiplied out apart.
  const upper = Math.floor(timeMs * perWord)
  const low = Math.floor((timeMs - upper * word) * 1e6 + 0.5)
  // What does not fit into the lower word is cut off, and carried to the upper one.
  view.setInt32(at + 1, low, true)
  view.setInt32(at + 5, upper * 1e6 + Math.floor(low * perWord), true)
}

/** Bytes that have been written before. */
export type Encoded = Uint8Array

/** What `write` writes, for `encoded`. */
export function encodedBy(write: (writer: ProtobufWriter) => void): Encoded {
  const writer = new ProtobufWriter({ isDense: true })
  write(writer)
  return writer.written().slice()
}

/** Four bytes carry lengths up to 256 MiB; a longer varint than needed is valid protobuf. */
const lengthWidth = 4
/** There always is room for that beyond what has been written. */
const slack = 16
const maxInt = 0x7fff_ffff
const word = 2 ** 32
const perWord = 1 / word
