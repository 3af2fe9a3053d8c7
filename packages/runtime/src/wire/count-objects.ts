/** The most that one frame may stand for: see `countObjects`. An object that takes one byte on the wire takes a hundred and more in memory. */
export const mostObjects = 1024 * 1024

/** The names of a record's fields, as msgpackr keeps them. */
interface Names {
  readonly length: number
  readonly highByte?: number | undefined
}

/** By their numbers, also below zero. */
export type Records = Readonly<Record<number, Names | undefined>>

const record = 0x72
/** A set, a regular expression and an error have a value of their own behind their bytes. */
const withValue = new Set([0x73, 0x78, 0x65])
/** `undefined`, a number too long for one, typed memory, and a time. */
const withoutValue = new Set([0, 0x42, 0x74, 0xff])

/**
 * How many objects, lists and names of fields msgpackr would make of a body, without making them. `records` are those that it knows
 * before. It follows the library's reader (`unpack.js`) byte for byte, and throws for whatever a `FrameEncoder` does not write.
 */
export function countObjects(body: Buffer, records: Records): number {
  return new Count(body, records).all()
}

class Count {
  readonly #body: Buffer
  readonly #records: Records
  /** Those that the body itself defines. */
  readonly #defined = new Map<number, Names>()
  #at = 0
  /** Values that are still to come. */
  #due = 1
  #objects = 0

  constructor(body: Buffer, records: Records) {
    this.#body = body
    this.#records = records
  }

  all(): number {
    while (this.#due > 0) {
      this.#due -= 1
      this.#value(this.#number(1))
    }
    if (this.#at !== this.#body.length) throw new Error(`a value of ${this.#at} bytes in a body of ${this.#body.length}`)
    return this.#objects
  }

  #value(head: number): void {
    if (head < 0x40 || head >= 0xe0) return
    if (head < 0x80) this.#recordOrNumber(head & 0x3f)
    else if (head < 0x90) this.#object(2 * (head & 0x0f))
    else if (head < 0xa0) this.#object(head & 0x0f)
    else if (head < 0xc0) this.#skip(head & 0x1f)
    else this.#long(head)
  }

  #long(head: number): void {
    if (head === 0xc0 || head === 0xc2 || head === 0xc3) return
    if (head >= 0xc4 && head <= 0xc6) this.#bytes(this.#number(1 << (head - 0xc4)))
    else if (head >= 0xc7 && head <= 0xc9) this.#extension(this.#number(1 << (head - 0xc7)))
    else if (head === 0xca || head === 0xcb) this.#skip(4 << (head - 0xca))
    else if (head >= 0xcc && head <= 0xd3) this.#skip(1 << (head & 3))
    else if (head === 0xd4 || head === 0xd5) this.#definitionOrExtension(1 << (head - 0xd4))
    else if (head >= 0xd6 && head <= 0xd8) this.#extension(1 << (head - 0xd4))
    else if (head >= 0xd9 && head <= 0xdb) this.#skip(this.#number(1 << (head - 0xd9)))
    else if (head === 0xdc || head === 0xdd) this.#object(this.#number(2 << (head - 0xdc)))
    else if (head === 0xde || head === 0xdf) this.#object(2 * this.#number(2 << (head - 0xde)))
    else throw new Error(`a value that begins with ${head}`)
  }

  #object(values: number): void {
    this.#objects += 1
    this.#due += values
  }

  #bytes(length: number): void {
    this.#objects += 1
    this.#skip(length)
  }

  #extension(length: number): void {
    const type = this.#number(1)
    this.#skip(length)
    if (withValue.has(type)) this.#object(1)
    else if (!withoutValue.has(type)) throw new Error(`an extension of the unknown type ${type}`)
    else if (type !== 0) this.#objects += 1
  }

  #definitionOrExtension(length: number): void {
    if (this.#body[this.#at] !== record) return this.#extension(length)
    this.#skip(1)
    const low = this.#number(1) & 0x3f
    const highByte = length === 2 ? this.#number(1) : undefined
    const names = { length: this.#names(), highByte }
    this.#defined.set(highByte === undefined ? low : numberOf(low, highByte), names)
    this.#object(names.length)
  }

  #names(): number {
    const head = this.#number(1)
    const count = (head & 0xf0) === 0x90 ? head & 0x0f : head === 0xdc || head === 0xdd ? this.#number(2 << (head - 0xdc)) : -1
    if (count < 0) throw new Error("a record without names")
    for (let name = 0; name < count; name++) this.#name(this.#number(1))
    this.#objects += count
    return count
  }

  #name(head: number): void {
    if ((head & 0xe0) === 0xa0) this.#skip(head & 0x1f)
    else if (head >= 0xd9 && head <= 0xdb) this.#skip(this.#number(1 << (head - 0xd9)))
    else throw new Error("a name that is no text")
  }

  #recordOrNumber(low: number): void {
    const names = this.#known(low)
    if (!names) return
    if (names.highByte !== 0) return this.#object(names.length)
    const highByte = this.#number(1)
    const named = highByte === 0 ? names : this.#known(numberOf(low, highByte))
    if (!named) throw new Error(`a record ${low} of ${highByte} that was never named`)
    this.#object(named.length)
  }

  #known(number: number): Names | undefined {
    return this.#defined.get(number) ?? this.#records[number]
  }

  /** The next bytes, as a number; throws where there are none. */
  #number(length: number): number {
    const number = this.#body.readUIntBE(this.#at, length)
    this.#at += length
    return number
  }

  #skip(length: number): void {
    this.#at += length
  }
}

function numberOf(low: number, highByte: number): number {
  const number = low + (highByte << 5)
  return low < 32 ? -number : number
}
