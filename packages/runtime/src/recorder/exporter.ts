import { messageOf, typeOf } from "../error-text.ts"
import { every } from "../every.ts"
import { equalJitterMs } from "../resilience/backoff.ts"
import type { Batch, BatchBuilder } from "./batch-builder.ts"
import type { PartialSuccess } from "./partial-success.ts"
import type { Poster } from "./post.ts"

export interface ExporterOptions {
  readonly poster: Poster
  readonly batches: Pick<BatchBuilder, "take" | "discard">
  /** Between two exports, in milliseconds. */
  readonly everyMs: number
  /** Told once when exports begin to fail, and once when they work again. */
  readonly onTrouble: (message: string | undefined) => void
}

const attemptTimeoutMs = 5_000
/** They take half a minute: a receiver that is begun anew is there again, and what comes in meanwhile mostly finds room. */
const attempts = 12
const pauses = { firstMs: 200, longestMs: 5_000 }
/** However long the receiver asks to wait: what comes in meanwhile has to find room. */
const longestPauseMs = 10_000
const repeatable: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** Sends batches one after another, and repeats one that failed for a passing reason (OTLP 1.x, "Failures"). */
export class Exporter {
  readonly #options: ExporterOptions
  readonly #stopTicking: () => void
  /** Aborted when closing begins: no more pauses. */
  readonly #closing = new AbortController()
  #running: Promise<void> | undefined
  /** What is less than a full batch has to go as well. */
  #rest = false
  #dropped = 0
  #trouble = false
  #stopped = false

  constructor(options: ExporterOptions) {
    this.#options = options
    this.#stopTicking = every(options.everyMs, () => this.kickAll())
  }

  /** Items given up after the last attempt, or when closing, or rejected by the receiver. */
  get dropped(): number {
    return this.#dropped
  }

  /** Begins to send the full batches there are, unless they are being sent already: many small ones would cost more than recording. */
  kick(): void {
    this.#running ??= this.#sendAll().finally(() => {
      this.#running = undefined
      this.#rest = false
    })
  }

  /** The same, and then the rest. */
  kickAll(): void {
    this.#rest = true
    this.kick()
  }

  /** Sends all there is, once. Never rejects: what cannot be sent is counted. */
  async flush(): Promise<void> {
    await this.#running
    this.kickAll()
    await this.#running
  }

  /** Flushes, for at most `timeoutMs`, and stops; what is left is counted as dropped. */
  async close(timeoutMs: number): Promise<void> {
    this.#stopTicking()
    this.#closing.abort()
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs)
    })
    await Promise.race([this.flush(), limit])
    clearTimeout(timer)
    this.#stopped = true
    this.#options.poster.close()
    // The post under way has been cut off, so this ends at once.
    await this.#running
    this.#dropped += this.#options.batches.discard()
  }

  async #sendAll(): Promise<void> {
    while (!this.#stopped) {
      const batch = this.#options.batches.take(this.#rest)
      if (!batch) return
      if (!batch.isFull) this.#rest = false
      const sent = await this.#send(batch)
      if (!sent) this.#dropped += batch.items
      if (!sent && !this.#closing.signal.aborted) return
    }
  }

  async #send({ body, items }: Batch): Promise<boolean> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { problem, pauseMs, rejected } = await this.#attempt(body, attempt)
      this.#tell(problem)
      // The others were taken: none of them is sent again.
      if (rejected !== undefined) this.#dropped += Math.min(rejected, items)
      if (rejected !== undefined) return true
      if (pauseMs === undefined || this.#closing.signal.aborted) return false
      if (attempt < attempts - 1) await pause(pauseMs, this.#closing.signal)
    }
    return false
  }

  async #attempt(body: Uint8Array, attempt: number): Promise<Outcome> {
    const backOffMs = equalJitterMs(pauses, attempt)
    try {
      const { status, retryAfterMs = 0, partial } = await this.#options.poster.post(body, attemptTimeoutMs)
      if (status >= 200 && status < 300) return takenBut(partial)
      // Who asks to come again at once is not there at once: all attempts would be over before it is.
      const pauseMs = Math.min(longestPauseMs, Math.max(backOffMs, retryAfterMs))
      return { problem: `status ${status}`, pauseMs: repeatable.has(status) ? pauseMs : undefined }
    } catch (error) {
      return { problem: messageOf(error) || typeOf(error), pauseMs: backOffMs }
    }
  }

  #tell(problem: string | undefined): void {
    if (this.#trouble === (problem !== undefined) || this.#stopped) return
    this.#trouble = problem !== undefined
    this.#options.onTrouble(problem)
  }
}

function takenBut(partial: PartialSuccess | undefined): Outcome {
  if (!partial) return { problem: undefined, pauseMs: undefined, rejected: 0 }
  return { problem: `${partial.rejected} rejected: ${partial.message}`, pauseMs: undefined, rejected: partial.rejected }
}

interface Outcome {
  readonly problem: string | undefined
  /** `undefined` when it is not to be tried again. */
  readonly pauseMs: number | undefined
  /** Of what the receiver took; `undefined` when it took nothing. */
  readonly rejected?: number
}

// A pause keeps no process alive, and ends early when closing begins.
function pause(pauseMs: number, closing: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      closing.removeEventListener("abort", end)
      resolve()
    }
    const timer = setTimeout(end, pauseMs).unref()
    closing.addEventListener("abort", end)
  })
}
