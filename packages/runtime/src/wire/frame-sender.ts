import type { Socket } from "node:net"
import { FrameEncoder } from "./codec.ts"

/** More messages a frame keep the other side waiting for the first of them longer than they save. */
const longestBatch = 16

/**
 * What is sent on one direction of a connection, in order. Messages that are added within one turn of the event loop leave
 * together, in frames of at most 16: also what comes of several connections, since it waits for all that the turn has to read.
 */
export class FrameSender<Message> {
  readonly #socket: Socket
  readonly #encoder = new FrameEncoder()
  readonly #kind: number
  readonly #onFailure: (message: Message, error: unknown) => void
  #scheduled = false

  /** `kind` is that of the messages' frames. `onFailure` hears of each message that cannot be encoded; the others are sent all the same. */
  constructor(socket: Socket, kind: number, onFailure: (message: Message, error: unknown) => void) {
    this.#socket = socket
    this.#kind = kind
    this.#onFailure = onFailure
  }

  add(message: Message): void {
    if (!this.#encoder.add(message)) this.#sendAlone(message)
    else if (this.#encoder.count === longestBatch) this.#flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(this.#turn)
    }
  }

  /** Sends a frame of another kind at once, after all that was added before. */
  send(kind: number, body: unknown): void {
    this.#flush()
    this.#write(this.#encoder.encode(kind, body))
  }

  readonly #turn = (): void => {
    this.#scheduled = false
    this.#flush()
  }

  #flush(): void {
    if (this.#encoder.count > 0) this.#write(this.#encoder.take(this.#kind))
  }

  #sendAlone(message: Message): void {
    this.#flush()
    try {
      this.#write(this.#encoder.encode(this.#kind, [message]))
    } catch (error) {
      this.#onFailure(message, error)
    }
  }

  #write(frame: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(frame)
  }
}
