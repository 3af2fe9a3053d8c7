import { Shape } from "./shape.ts"

const chunkBytes = 64 * 1024
/** What any value but a string, and the beginning of an object or array, takes at most. */
const headBytes = 16
/** Strings up to this length are written character by character, which is quicker than asking the platform to. */
const shortString = 24

const record = 0x72
/** Records whose number is one byte; the last of them is for objects whose shape is not remembered. */
const shortRecords = 31
const passingRecord = 0x40 + shortRecords

/**
 * Writes JSON values as MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), into memory that is never written
 * again. Objects are records, an extension of the msgpackr library: the names of the fields are written once, and then referred
 * to by a number, which is why what is written must be read in the same order. See `docs/adr`.
 */
export class MessagePackWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(chunkBytes)
  #at = 0
  /** Where what has been begun and not taken starts. */
  #start = 0
  /** By the shape's number: the record's, from 1 on. 0 is not known to the reader yet. */
  #records = new Uint16Array(64)
  #recordCount = 0
  #objects = 0

  /** How many bytes have been written since the last `take`. */
  get length(): number {
    return this.#at - this.#start
  }

  /** How many objects, lists and names of fields have been written since the last `take` or `cutTo`. */
  get objects(): number {
    return this.#objects
  }

  /** Leaves room for that many bytes. */
  skip(count: number): void {
    this.#reserve(count)
    this.#at += count
  }

  /** Takes back all that was written beyond this length, and counts objects anew. Records that were named there are not known to the reader. */
  cutTo(length: number): void {
    this.#at = this.#start + length
    this.#objects = 0
  }

  /** The reader has forgotten all records. */
  forgetRecords(): void {
    this.#records.fill(0)
    this.#recordCount = 0
  }

  /** All that was written since the last time. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#start, this.#at)
    this.#start = this.#at
    this.#objects = 0
    return taken
  }

  /** Throws for what is not JSON; what was written of it until then has to be cut off. */
  value(value: unknown): void {
    if (typeof value === "string") this.#string(value)
    else if (typeof value === "number") this.#number(value)
    else if (typeof value === "object") this.#object(value)
    else if (typeof value === "boolean") this.#byte(value ? 0xc3 : 0xc2)
    else if (value === undefined) this.#undefined()
    else throw new TypeError(`a ${typeof value} is not JSON`)
  }

  #byte(byte: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = byte
  }

  #undefined(): void {
    this.#reserve(headBytes)
    // An extension without content, as msgpackr reads it.
    this.#bytes[this.#at++] = 0xd4
    this.#bytes[this.#at++] = 0
    this.#bytes[this.#at++] = 0
  }

  #object(value: object | null): void {
    if (value === null) return this.#byte(0xc0)
    this.#objects += 1
    if (Array.isArray(value)) return this.#array(value)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) throw new TypeError("what has a class is not JSON")
    const shape = Shape.of(value)
    // An object without a class, so its fields may be read by name.
    const fields = value as Readonly<Record<string, unknown>>
    if (shape) {
      this.#record(shape)
      shape.writeFields(this, fields)
    } else this.#passing(fields)
  }

  #array(items: readonly unknown[]): void {
    const { length } = items
    this.#arrayHead(length)
    for (let index = 0; index < length; index++) this.value(items[index])
  }

  #arrayHead(length: number): void {
    this.#reserve(headBytes)
    if (length < 16) this.#bytes[this.#at++] = 0x90 | length
    else if (length < 0x10000) this.#two(0xdc, length)
    else this.#four(0xdd, length)
  }

  /** The record's number, and its definition before it is referred to for the first time. */
  #record(shape: Shape): void {
    this.#reserve(headBytes)
    const known = this.#records[shape.number] ?? 0
    if (known !== 0) return this.#recordNumber(known - 1)
    const number = this.#recordCount++
    this.#remember(shape, number + 1)
    this.#bytes[this.#at++] = number < shortRecords ? 0xd4 : 0xd5
    this.#bytes[this.#at++] = record
    this.#recordNumber(number)
    this.#names(shape.names)
  }

  #names(names: readonly string[]): void {
    this.#objects += names.length
    this.#array(names)
  }

  #recordNumber(number: number): void {
    if (number < shortRecords) this.#bytes[this.#at++] = 0x40 + number
    else {
      const rest = number - shortRecords
      this.#bytes[this.#at++] = 0x60 + (rest & 31)
      this.#bytes[this.#at++] = rest >> 5
    }
  }

  #remember(shape: Shape, number: number): void {
    if (shape.number >= this.#records.length) {
      const more = new Uint16Array(Math.max(shape.number + 1, this.#records.length * 2))
      more.set(this.#records)
      this.#records = more
    }
    this.#records[shape.number] = number
  }

  #passing(fields: Readonly<Record<string, unknown>>): void {
    const names = Object.keys(fields)
    this.#reserve(headBytes)
    this.#bytes[this.#at++] = 0xd4
    this.#bytes[this.#at++] = record
    this.#bytes[this.#at++] = passingRecord
    this.#names(names)
    for (const name of names) this.value(fields[name])
  }

  #number(value: number): void {
    this.#reserve(headBytes)
    const bytes = this.#bytes
    const at = this.#at
    // From 0x40 on, one byte is a record.
    if (value >>> 0 === value) {
      if (value < 0x40) {
        bytes[at] = value
        this.#at = at + 1
      } else if (value < 0x100) {
        bytes[at] = 0xcc
        bytes[at + 1] = value
        this.#at = at + 2
      } else if (value < 0x10000) this.#two(0xcd, value)
      else this.#four(0xce, value)
    } else if (value >> 0 === value) this.#four(0xd2, value)
    else {
      bytes[at] = 0xcb
      this.#at = bytes.writeDoubleBE(value, at + 1)
    }
  }

  #two(head: number, value: number): void {
    const bytes = this.#bytes
    const at = this.#at
    bytes[at] = head
    bytes[at + 1] = value >> 8
    bytes[at + 2] = value
    this.#at = at + 3
  }

  #four(head: number, value: number): void {
    const bytes = this.#bytes
    const at = this.#at
    bytes[at] = head
    bytes[at + 1] = value >> 24
    bytes[at + 2] = value >> 16
    bytes[at + 3] = value >> 8
    bytes[at + 4] = value
    this.#at = at + 5
  }

  #string(text: string): void {
    const { length } = text
    this.#reserve(length * 3 + headBytes)
    if (length > shortString) return this.#longString(text)
    const bytes = this.#bytes
    const head = this.#at
    let at = head + 1
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return this.#longString(text)
      bytes[at++] = code
    }
    bytes[head] = 0xa0 | length
    this.#at = at
  }

  // The head of a string has its length in bytes, which is not known before; of an ASCII text it is that in characters.
  #longString(text: string): void {
    const bytes = this.#bytes
    const head = this.#at
    const guessed = stringHeadBytes(text.length)
    const written = bytes.write(text, head + guessed)
    const needed = stringHeadBytes(written)
    if (needed !== guessed) bytes.copyWithin(head + needed, head + guessed, head + guessed + written)
    if (needed === 1) bytes[head] = 0xa0 | written
    else if (needed === 2) {
      bytes[head] = 0xd9
      bytes[head + 1] = written
    } else if (needed === 3) {
      bytes[head] = 0xda
      bytes.writeUInt16BE(written, head + 1)
    } else {
      bytes[head] = 0xdb
      bytes.writeUInt32BE(written, head + 1)
    }
    this.#at = head + needed + written
  }

  #reserve(count: number): void {
    if (this.#at + count > this.#bytes.length) this.#grow(count)
  }

  // What is being written moves to new memory; what was taken stays where it is.
  #grow(count: number): void {
    const begun = this.#bytes.subarray(this.#start, this.#at)
    const bytes = Buffer.allocUnsafeSlow(Math.max(chunkBytes, (begun.length + count) * 2))
    bytes.set(begun)
    this.#bytes = bytes
    this.#start = 0
    this.#at = begun.length
  }
}

function stringHeadBytes(length: number): number {
  if (length < 32) return 1
  if (length < 0x100) return 2
  return length < 0x10000 ? 3 : 5
}
