import type { Socket } from "node:net"
import type { FrameEncoder } from "./codec.ts"

/** More messages a frame keep the other side waiting for the first of them longer than they save. */
const longestBatch = 16

/**
 * Sends what is added within one turn of the event loop together, in frames of at most 16 messages: also what comes of several
 * connections, since it waits for all that the turn has to read.
 */
export class Batch<Message> {
  readonly #socket: Socket
  readonly #encoder: FrameEncoder
  readonly #kind: number
  readonly #onFailure: (message: Message, error: unknown) => void
  #messages: Message[] = []
  #scheduled = false

  /** `onFailure` hears of each message that cannot be encoded; the others are sent all the same. */
  constructor(socket: Socket, encoder: FrameEncoder, kind: number, onFailure: (message: Message, error: unknown) => void) {
    this.#socket = socket
    this.#encoder = encoder
    this.#kind = kind
    this.#onFailure = onFailure
  }

  add(message: Message): void {
    this.#messages.push(message)
    if (this.#messages.length === longestBatch) this.#send()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(this.#flush)
    }
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    if (this.#messages.length > 0) this.#send()
  }

  #send(): void {
    const messages = this.#messages
    this.#messages = []
    if (this.#socket.destroyed) return
    try {
      this.#socket.write(this.#encoder.encode(this.#kind, messages))
    } catch {
      for (const message of messages) this.#sendAlone(message)
    }
  }

  #sendAlone(message: Message): void {
    try {
      this.#socket.write(this.#encoder.encode(this.#kind, [message]))
    } catch (error) {
      this.#onFailure(message, error)
    }
  }
}
