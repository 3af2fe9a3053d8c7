import { Packr } from "msgpackr"
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
    if (!this.#write(message, before)) return false
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

  /** A frame of one value. What was added must have been taken before. Throws when the value has no MessagePack form or is too large. */
  encode(kind: number, body: unknown): Buffer {
    if (!this.#mustBeginAnew) {
      this.#writer.skip(frameHeaderBytes)
      if (this.#write(body, 0)) return this.#headed(this.#writer.take(), kind)
    }
    return this.#encodeAnew(kind, body)
  }

  #write(value: unknown, before: number): boolean {
    try {
      this.#writer.value(value)
      if (this.#writer.length - 4 <= longestFrameBytes) return true
    } catch {
      // It is encoded in another way, or refused there.
    }
    this.#writer.cutTo(before)
    this.#mustBeginAnew = true
    return false
  }

  // With all that MessagePack has. What is learnt from such a frame is forgotten before the next.
  #encodeAnew(kind: number, body: unknown): Buffer {
    this.#writer.forgetRecords()
    this.#mustBeginAnew = false
    this.#isFresh = true
    const packed = newPackr().pack(body)
    const frame = this.#headed(Buffer.concat([Buffer.alloc(frameHeaderBytes), packed]), kind)
    this.#isFresh = true
    return frame
  }

  #headed(frame: Buffer, kind: number): Buffer {
    const length = frame.length - 4
    if (length > longestFrameBytes) throw new Error(`it takes ${length} bytes, and the wire carries ${longestFrameBytes}`)
    frame.writeUInt32BE(length, 0)
    frame.writeUInt8(this.#isFresh ? kind | freshCodec : kind, 4)
    this.#isFresh = false
    return frame
  }
}

/** Characters in the names of fields that a peer may have remembered: what a `FrameEncoder` names at most takes half of that. */
const mostNamed = 2 * longestFrameBytes

/** The other end of a `FrameEncoder`. */
export class FrameDecoder {
  #records: object[] = []
  #packr = newPackr(this.#records)
  /** Nothing longer can have been named since the names were looked at. */
  #unseenBytes = 0

  /** `kind` as it came, with its mark of a fresh codec. Throws on bytes that are not MessagePack, and when names come without end. */
  decode(kind: number, body: Buffer): unknown {
    if ((kind & freshCodec) !== 0) this.#packr = newPackr((this.#records = []))
    this.#unseenBytes += body.length
    if (this.#unseenBytes > mostNamed) this.#lookAtNames()
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
