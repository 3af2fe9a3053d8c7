import type { ServiceProcess } from "./service-process.ts"

/** Not at once: what has just happened needs the processors more. */
const prepareAfterMs = 5_000
const graceMs = 250

/**
 * One process more than is needed. It has read the configuration already, and takes the place of one that crashed in a part
 * of the time that a new one would take.
 */
export class Standby {
  readonly #make: () => ServiceProcess
  readonly #onLine: (line: string) => void
  #process: ServiceProcess | undefined
  #isLoaded = false
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(make: () => ServiceProcess, onLine: (line: string) => void) {
    this.#make = make
    this.#onLine = onLine
  }

  /** Has one a few seconds from now, unless there is one. */
  prepare(): void {
    if (this.#closed || this.#process) return
    this.#timer ??= setTimeout(() => this.#start(), prepareAfterMs).unref()
  }

  /** The one there is, if it is ready; another one is then prepared. */
  take(): ServiceProcess | undefined {
    if (!this.#isLoaded) return undefined
    const process = this.#process
    this.#forget()
    this.prepare()
    return process
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#process?.stop({ graceMs })
  }

  kill(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#process?.kill()
  }

  #start(): void {
    this.#timer = undefined
    const process = this.#make()
    this.#process = process
    process.keepBy({
      onMessage: ({ kind }) => {
        if (kind === "loaded") this.#isLoaded = true
        // The configuration was good before: one that cannot be loaded now is told of where a process is needed.
        else if (kind === "failed") process.kill()
      },
      onLine: this.#onLine,
      onExit: () => this.#forget(),
    })
  }

  #forget(): void {
    this.#process = undefined
    this.#isLoaded = false
  }
}
