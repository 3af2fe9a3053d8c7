/** The kinds of frames. A frame is its length in four bytes (big-endian, kind included), its kind in one, and its body. */
export const frameKinds = { hello: 1, calls: 2, replies: 3, cancel: 4, ping: 5, pong: 6, goAway: 7, target: 8 } as const

/** Set on the kind when the body's codec begins anew: field orders learnt before are forgotten. */
export const freshCodec = 0x80

/** Bytes before a frame's body. */
export const frameHeaderBytes = 5

/** No frame is longer; who sends a longer one is cut off. */
export const longestFrameBytes = 16 * 1024 * 1024

/** Cuts a stream of bytes into frames. Throws on a length that no honest sender writes; the stream is then of no more use. */
export class FrameReader {
  /** Pieces of a frame that is not whole yet. They are joined once, when it is. */
  #pieces: Buffer[] = []
  #heldBytes = 0
  #wantedBytes = 0

  /** Calls back for each whole frame, in order. `body` is only valid during the call. */
  push(chunk: Buffer, onFrame: (kind: number, body: Buffer) => void): void {
    if (this.#heldBytes + chunk.length < this.#wantedBytes) return this.#hold(chunk)
    const bytes = this.#heldBytes === 0 ? chunk : this.#joined(chunk)
    let at = 0
    this.#wantedBytes = frameHeaderBytes
    while (bytes.length - at >= frameHeaderBytes) {
      const length = bytes.readUInt32BE(at)
      if (length < 1 || length > longestFrameBytes) throw new Error(`a frame of ${length} bytes`)
      this.#wantedBytes = 4 + length
      if (bytes.length - at < this.#wantedBytes) break
      const bodyAt = at + frameHeaderBytes
      at += 4 + length
      this.#wantedBytes = frameHeaderBytes
      onFrame(bytes.readUInt8(bodyAt - 1), bytes.subarray(bodyAt, at))
    }
    if (at < bytes.length) this.#hold(bytes.subarray(at))
  }

  #hold(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#heldBytes += piece.length
  }

  #joined(last: Buffer): Buffer {
    const bytes = Buffer.concat([...this.#pieces, last], this.#heldBytes + last.length)
    this.#pieces = []
    this.#heldBytes = 0
    return bytes
  }
}
