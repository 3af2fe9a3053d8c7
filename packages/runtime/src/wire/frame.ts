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
  #rest: Buffer | undefined

  /** Calls back for each whole frame, in order. `body` is only valid during the call. */
  push(chunk: Buffer, onFrame: (kind: number, body: Buffer) => void): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = undefined
    let at = 0
    while (bytes.length - at >= frameHeaderBytes) {
      const length = bytes.readUInt32BE(at)
      if (length < 1 || length > longestFrameBytes) throw new Error(`a frame of ${length} bytes`)
      if (bytes.length - at < 4 + length) break
      const bodyAt = at + frameHeaderBytes
      at += 4 + length
      onFrame(bytes.readUInt8(bodyAt - 1), bytes.subarray(bodyAt, at))
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at)
  }
}
