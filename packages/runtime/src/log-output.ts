import { write, writeSync } from "node:fs"
import type { DestinationStream } from "pino"

/** What may wait for a reader, in characters; what is more is dropped and counted. */
const mostWaiting = 16 * 1024 * 1024
/** What is given to the system at a time, in characters: where much has waited, there need not be room for it twice. */
const pieceCharacters = 256 * 1024
/** When what could not be written is tried again, in milliseconds. */
const pauseMs = 20
/** How long the end of a process waits for a reader, in milliseconds. */
const lastMs = 1_000

/**
 * Where lines of log go. Whoever reads them slowly, or not at all, and a disk that is full, hold nobody up: lines wait, as many as there is
 * room for, and are written when that is possible again.
 */
export class LogOutput implements DestinationStream {
  readonly #descriptor: number
  #lines: string[] = []
  #waiting = 0
  /** What is written next, or has been given to the system. */
  #piece: Uint8Array = nothing
  #isGiven = false
  /** It is being written, or will be tried again. */
  #isBusy = false
  /** Nobody will read any more. */
  #isOver = false
  #dropped = 0

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  /** Lines for which there was no room, or no reader. */
  get dropped(): number {
    return this.#dropped
  }

  write(line: string): void {
    if (this.#isOver || this.#waiting + this.#piece.length + line.length > mostWaiting) {
      this.#dropped += 1
      return
    }
    this.#lines.push(line)
    this.#waiting += line.length
    if (!this.#isBusy) this.#writeOn()
  }

  /** Writes what waits before it returns, or as much of it as is taken within a second. Pino calls it after a fatal error. */
  flushSync(): void {
    const untilMs = performance.now() + lastMs
    let left = this.#isGiven ? this.#taken() : this.#next()
    while (left.length > 0) {
      try {
        left = left.subarray(writeSync(this.#descriptor, left))
        if (left.length === 0) left = this.#taken()
      } catch (error) {
        if (isForGood(error) || performance.now() > untilMs) break
        Atomics.wait(sleeping, 0, 0, pauseMs)
      }
    }
    if (!this.#isGiven) this.#piece = left
  }

  #writeOn(): void {
    const piece = this.#next()
    this.#isBusy = this.#isGiven = piece.length > 0
    if (!this.#isBusy) return
    write(this.#descriptor, piece, (error, count) => {
      this.#isGiven = false
      if (error) return this.#failed(error)
      this.#piece = piece.subarray(count)
      this.#writeOn()
    })
  }

  #failed(error: unknown): void {
    if (!isForGood(error)) return void setTimeout(() => this.#writeOn(), pauseMs).unref()
    this.#isOver = true
    this.#dropped += this.#lines.length
    this.#lines = []
    this.#waiting = 0
    this.#piece = nothing
  }

  #next(): Uint8Array {
    if (this.#piece.length === 0) this.#piece = this.#taken()
    return this.#piece
  }

  #taken(): Uint8Array {
    let [count, characters] = [0, 0]
    for (const { length } of this.#lines) {
      if (characters >= pieceCharacters) break
      count += 1
      characters += length
    }
    this.#waiting -= characters
    return Buffer.from(this.#lines.splice(0, count).join(""))
  }
}

const nothing: Uint8Array = Buffer.alloc(0)
const sleeping = new Int32Array(new SharedArrayBuffer(4))

function isForGood(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EPIPE" || error.code === "EBADF")
}

let standard: LogOutput | undefined

/** Of this process. */
export function standardOutput(): LogOutput {
  if (standard) return standard
  // Asked for by its stream, which has the system answer at once, and not when there is room, where it is a pipe.
  const output = new LogOutput(process.stdout.fd ?? 1)
  process.on("exit", () => output.flushSync())
  return (standard = output)
}
