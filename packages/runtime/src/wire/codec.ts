import { Packr, RESERVE_START_SPACE } from "msgpackr"
import { freshCodec, frameHeaderBytes, longestFrameBytes } from "./frame.ts"

/**
 * Encodes one direction of one connection with MessagePack. The order of an object's fields is sent once and then
 * referred to, so frames must be decoded in the order in which they were encoded.
 */
export class FrameEncoder {
  #packr = newPackr()
  #fresh = true

  /** One whole frame. Throws when the value has no MessagePack form or is too large; the encoder stays usable. */
  encode(kind: number, body: unknown): Buffer {
    try {
      const frame = this.#packr.pack(body, RESERVE_START_SPACE + frameHeaderBytes)
      const length = frame.length - 4
      if (length > longestFrameBytes) throw new Error(`it takes ${length} bytes, and the wire carries ${longestFrameBytes}`)
      frame.writeUInt32BE(length, 0)
      frame.writeUInt8(this.#fresh ? kind | freshCodec : kind, 4)
      this.#fresh = false
      return frame
    } catch (error) {
      // The field orders met on the way to the failure were learnt here, but will never be sent.
      this.#packr = newPackr()
      this.#fresh = true
      throw error
    }
  }
}

/** The other end of a `FrameEncoder`. */
export class FrameDecoder {
  #packr = newPackr()

  /** `kind` as it came, with its mark of a fresh codec. Throws on bytes that are not MessagePack. */
  decode(kind: number, body: Buffer): unknown {
    if ((kind & freshCodec) !== 0) this.#packr = newPackr()
    return this.#packr.unpack(body)
  }
}

function newPackr(): Packr {
  return new Packr({ sequential: true })
}
