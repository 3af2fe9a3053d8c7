import { CliError } from "../cli-error.ts"

const hint = "Mend the `seed` of the configuration."

/** The one time that a replica runs the seed: in a process that serves, and not again in the next one. */
export class Seeding {
  readonly #label: string
  readonly #ask: () => void
  readonly #result = Promise.withResolvers<unknown>()
  #isWanted = false
  #isAsked = false

  /** `ask` tells the replica's process of now. */
  constructor(label: string, ask: () => void) {
    this.#label = label
    this.#ask = ask
    this.#result.promise.catch(() => undefined)
  }

  /** Asks now when a process serves, else as soon as one does. Rejects with a `CliError` when there is no result to come. */
  run(isServing: boolean): Promise<unknown> {
    this.#isWanted = true
    if (isServing) this.processServes()
    return this.#result.promise
  }

  processServes(): void {
    if (!this.#isWanted || this.#isAsked) return
    this.#isAsked = true
    this.#ask()
  }

  processEnded(how: string): void {
    if (this.#isAsked) this.failed(`${this.#label} ended before its seed was through (${how}); its output is above.`)
  }

  succeeded(result: unknown): void {
    this.#result.resolve(result)
  }

  failed(message: string): void {
    this.#result.reject(new CliError(message, hint, 3))
  }

  giveUp(): void {
    this.#result.reject(new CliError(`${this.#label} was stopped before its seed was through.`, "", 3))
  }
}
