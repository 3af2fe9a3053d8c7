import { Packr } from "msgpackr"
import { countObjects, mostObjects } from "./count-objects.ts"
import type { Records } from "./count-objects.ts"
import { freshCodec, frameHeaderBytes, longestFrameBytes } from "./frame.ts"
import { MessagePackWriter } from "./message-pack-writer.ts"

/** Of an array of up to 65 535. */
const listHeadBytes = 3

/**
 * Encodes one direction of one connection with MessagePack. The names of an object's fields are sent once and then
 * referred to, so frames must be decoded in the order in which they were encoded.
 */
export class FrameEncoder {
  readonly #writer = new MessagePackWriter()
  #count = 0
  #isFresh = true
  /** Names were learnt that will never be sent. */
  #mustBeginAnew = false

  /** How many messages have been added to the frame that `take` gives. */
  get count(): number {
    return this.#count
  }

  /** Adds a message to the frame that `take` gives. False when it has to go alone, by `encode`; the frame is then as it was before. */
  add(message: unknown): boolean {
    if (this.#mustBeginAnew) return false
    const before = this.#writer.length
    if (this.#count === 0) this.#writer.skip(frameHeaderBytes + listHeadBytes)
    // One more is the list of all messages.
    if (!this.#isWritten(message) || excessOf(this.#writer.length, this.#writer.objects + 1)) return this.#takeBack(before)
    this.#count += 1
    return true
  }

  /** A frame of the messages that were added, as a list. */
  take(kind: number): Buffer {
    const frame = this.#writer.take()
    frame.writeUInt8(0xdc, frameHeaderBytes)
    frame.writeUInt16BE(this.#count, frameHeaderBytes + 1)
    this.#count = 0
    return this.#headed(frame, kind)
  }

  /** A frame of one value. What was added must have been taken before. Throws when the value has no MessagePack form, is too large, or has more than `mostObjects`. */
  encode(kind: number, body: unknown): Buffer {
    if (this.#mustBeginAnew) this.#beginAnew()
    this.#writer.skip(frameHeaderBytes)
    const isWritten = this.#isWritten(body)
    const excess = isWritten && excessOf(this.#writer.length, this.#writer.objects)
    if (isWritten && !excess) return this.#headed(this.#writer.take(), kind)
    this.#writer.cutTo(0)
    this.#beginAnew()
    if (excess) throw new Error(excess)
    return this.#encodeOther(kind, body)
  }

  #isWritten(value: unknown): boolean {
    try {
      this.#writer.value(value)
      return true
    } catch {
      // It is encoded in another way, or refused there.
      return false
    }
  }

  #takeBack(length: number): false {
    this.#writer.cutTo(length)
    this.#mustBeginAnew = true
    return false
  }

  #beginAnew(): void {
    this.#writer.forgetRecords()
    this.#mustBeginAnew = false
    this.#isFresh = true
  }

  // With all that MessagePack has. What is learnt from such a frame is forgotten before the next.
  #encodeOther(kind: number, body: unknown): Buffer {
    const packed = newPackr().pack(body)
    const excess = excessOf(frameHeaderBytes + packed.length, objectsIn(packed, {}))
    if (excess) throw new Error(excess)
    const frame = this.#headed(Buffer.concat([Buffer.alloc(frameHeaderBytes), packed]), kind)
    this.#isFresh = true
    return frame
  }

  #headed(frame: Buffer, kind: number): Buffer {
    frame.writeUInt32BE(frame.length - 4, 0)
    frame.writeUInt8(this.#isFresh ? kind | freshCodec : kind, 4)
    this.#isFresh = false
    return frame
  }
}

function excessOf(frameBytes: number, objects: number): string | undefined {
  if (frameBytes - 4 > longestFrameBytes) return `it takes ${frameBytes - 4} bytes, and the wire carries ${longestFrameBytes}`
  if (objects > mostObjects) return `it has ${objects} objects, lists and names of fields, and the wire carries ${mostObjects}`
  return undefined
}

// What is shorter cannot have too many.
function objectsIn(body: Buffer, records: Records): number {
  return body.length > mostObjects ? countObjects(body, records) : 0
}

/** Characters in the names of fields that a peer may have remembered: what a `FrameEncoder` names at most takes half of that. */
const mostNamed = 2 * longestFrameBytes

/** The other end of a `FrameEncoder`. */
export class FrameDecoder {
  #records: (readonly unknown[])[] = []
  #packr = newPackr(this.#records)
  /** Nothing longer can have been named since the names were looked at. */
  #unseenBytes = 0

  /** `kind` as it came, with its mark of a fresh codec. Throws on bytes that are not MessagePack, on more than `mostObjects`, and when names come without end. */
  decode(kind: number, body: Buffer): unknown {
    if ((kind & freshCodec) !== 0) this.#packr = newPackr((this.#records = []))
    this.#unseenBytes += body.length
    if (this.#unseenBytes > mostNamed) this.#lookAtNames()
    const objects = objectsIn(body, this.#records)
    if (objects > mostObjects) throw new Error(`${objects} objects, lists and names of fields in one frame`)
    return this.#packr.unpack(body)
  }

  #lookAtNames(): void {
    this.#unseenBytes = 0
    let named = 0
    for (const names of Object.values(this.#records)) {
      if (Array.isArray(names)) for (const name of names) named += String(name).length
    }
    if (named > mostNamed) throw new Error(`names of fields with ${named} characters`)
  }
}

// Without references to what came before (`structuredClone`): a kilobyte of them can stand for more values than there is time for.
function newPackr(records: object[] = []): Packr {
  return new Packr({ sequential: true, structures: records, maxSharedStructures: 0, structuredClone: false })
}
