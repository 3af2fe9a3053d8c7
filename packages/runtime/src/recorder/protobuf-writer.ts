const utf8 = new TextEncoder()

/**
 * Writes protobuf (https://protobuf.dev/programming-guides/encoding) into one buffer that grows and is used again.
 * A nested message gets a length of fixed width, filled in when it ends, so that nothing is written twice.
 */
export class ProtobufWriter {
  #bytes = new Uint8Array(64 * 1024)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  get length(): number {
    return this.#at
  }

  reset(): void {
    this.#at = 0
  }

  /** A copy of what has been written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  /** Begins a nested message in `field`; pass what it returns to `end`. */
  begin(field: number): number {
    this.#reserve(16)
    this.#varint((field << 3) | 2)
    this.#at += lengthWidth
    return this.#at
  }

  end(start: number): void {
    let length = this.#at - start
    for (let index = 0; index < lengthWidth; index++) {
      const more = index < lengthWidth - 1 ? 0x80 : 0
      this.#bytes[start - lengthWidth + index] = (length & 0x7f) | more
      length >>>= 7
    }
  }

  string(field: number, value: string): void {
    const longest = value.length * 3
    this.#reserve(longest + 16)
    this.#varint((field << 3) | 2)
    if (value.length < 43 && this.#ascii(value)) return
    const start = (this.#at += lengthWidth)
    this.#at += utf8.encodeInto(value, this.#bytes.subarray(start)).written
    this.end(start)
  }

  /** Big-endian words as bytes: how OTLP carries ids. */
  words(field: number, words: Uint32Array, from: number, count: number): void {
    this.#reserve(count * 4 + 16)
    this.#varint((field << 3) | 2)
    this.#varint(count * 4)
    for (let index = 0; index < count; index++) {
      this.#view.setUint32(this.#at, words[from + index] ?? 0)
      this.#at += 4
    }
  }

  /** A small non-negative integer. */
  uint(field: number, value: number): void {
    this.#reserve(24)
    this.#varint(field << 3)
    this.#varint(value)
  }

  /** A signed integer of up to 53 bits. */
  int(field: number, value: number): void {
    this.#reserve(24)
    this.#varint(field << 3)
    if (value >= 0) return this.#varint(value)
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 127n) | 128
    this.#bytes[this.#at++] = Number(rest)
  }

  double(field: number, value: number): void {
    this.#reserve(24)
    this.#varint((field << 3) | 1)
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
  }

  /** A time as fixed64 nanoseconds, from milliseconds since the epoch; exact to a quarter of a microsecond. */
  timeMs(field: number, timeMs: number): void {
    this.#reserve(24)
    this.#varint((field << 3) | 1)
    // Nanoseconds since the epoch do not fit a double: the seconds and the rest are multiplied out in two 32-bit halves.
    const wholeMs = Math.floor(timeMs)
    const restNs = Math.round((timeMs - wholeMs) * 1e6)
    const low = (wholeMs % 0x1_0000_0000) * 1e6 + restNs
    const high = Math.floor(wholeMs / 0x1_0000_0000) * 1e6 + Math.floor(low / 0x1_0000_0000)
    this.#view.setUint32(this.#at, low % 0x1_0000_0000, true)
    this.#view.setUint32(this.#at + 4, high, true)
    this.#at += 8
  }

  // Most strings are short ASCII, whose length is known before they are written.
  #ascii(value: string): boolean {
    const start = this.#at
    this.#bytes[this.#at++] = value.length
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index)
      if (code > 127) {
        this.#at = start
        return false
      }
      this.#bytes[this.#at++] = code
    }
    return true
  }

  #varint(value: number): void {
    let rest = value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 128
    this.#bytes[this.#at++] = rest
  }

  #reserve(sizeBytes: number): void {
    if (this.#at + sizeBytes <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + sizeBytes))
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** Four bytes carry lengths up to 256 MiB; a longer varint than needed is valid protobuf. */
const lengthWidth = 4
