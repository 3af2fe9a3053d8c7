import type { Poster } from "./post.ts"

export interface ExporterOptions {
  readonly poster: Poster
  /** Takes the next batch, at most one export's worth; `undefined` when there is nothing. */
  readonly take: () => { readonly body: Uint8Array; readonly items: number } | undefined
  /** Between two exports, in milliseconds. */
  readonly everyMs: number
  /** Told once when exports begin to fail, and once when they work again. */
  readonly onTrouble: (message: string | undefined) => void
}

const attemptTimeoutMs = 5_000
const attempts = 4
const firstPauseMs = 200
const repeatable: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** Sends batches one after another, and repeats one that failed for a passing reason (OTLP 1.x, "Failures"). */
export class Exporter {
  readonly #options: ExporterOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #dropped = 0
  #trouble = false
  #closing = false

  constructor(options: ExporterOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), options.everyMs)
    this.#timer.unref()
  }

  /** Items given up after the last attempt. */
  get dropped(): number {
    return this.#dropped
  }

  /** Sends all there is. Never rejects: what cannot be sent is counted. */
  flush(): Promise<void> {
    this.#running ??= this.#sendAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Flushes, for at most `timeoutMs`, and stops. */
  async close(timeoutMs: number): Promise<void> {
    clearInterval(this.#timer)
    this.#closing = true
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs)
    })
    const rest = (async () => {
      await this.#running
      await this.flush()
    })()
    await Promise.race([rest, limit])
    clearTimeout(timer)
    this.#options.poster.close()
  }

  async #sendAll(): Promise<void> {
    for (let batch = this.#options.take(); batch; batch = this.#options.take()) {
      const sent = await this.#send(batch.body)
      if (!sent) this.#dropped += batch.items
      if (!sent && !this.#closing) return
    }
  }

  async #send(body: Uint8Array): Promise<boolean> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { problem, pauseMs } = await this.#attempt(body, attempt)
      this.#tell(problem)
      if (problem === undefined) return true
      if (pauseMs === undefined || this.#closing) return false
      await new Promise((resolve) => setTimeout(resolve, pauseMs).unref())
    }
    return false
  }

  async #attempt(
    body: Uint8Array,
    attempt: number,
  ): Promise<{ readonly problem: string | undefined; readonly pauseMs: number | undefined }> {
    const backOffMs = firstPauseMs * 2 ** attempt * (0.5 + Math.random() / 2)
    try {
      const { status, retryAfterMs } = await this.#options.poster.post(body, attemptTimeoutMs)
      if (status >= 200 && status < 300) return { problem: undefined, pauseMs: undefined }
      return { problem: `status ${status}`, pauseMs: repeatable.has(status) ? (retryAfterMs ?? backOffMs) : undefined }
    } catch (error) {
      return { problem: error instanceof Error ? error.message || error.name : String(error), pauseMs: backOffMs }
    }
  }

  #tell(problem: string | undefined): void {
    if (this.#trouble === (problem !== undefined)) return
    this.#trouble = problem !== undefined
    this.#options.onTrouble(problem)
  }
}
