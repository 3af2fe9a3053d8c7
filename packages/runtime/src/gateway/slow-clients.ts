/** A request that takes up room for its client alone: its body has not come yet, or its answer is not taken. */
export interface HeldUp {
  /** Ends it, and leaves its room at once. */
  giveUp(): void
}

/** Longer than a request or an answer of a usual size takes on a slow network, in milliseconds. */
const patientMs = 2_000

/** Requests that wait for their clients. Where there is no room for others, those who have waited for long make it. */
export class SlowClients {
  /** Since when, on the clock of `performance`; those first who have waited for longest. */
  readonly #waiting = new Map<HeldUp, number>()

  add(request: HeldUp): void {
    this.#waiting.set(request, performance.now())
  }

  delete(request: HeldUp): void {
    this.#waiting.delete(request)
  }

  /** Gives up who has waited for longest, if somebody has for long. */
  makeRoom(): void {
    for (const [request, sinceMs] of this.#waiting) {
      if (performance.now() - sinceMs < patientMs) return
      this.#waiting.delete(request)
      return request.giveUp()
    }
  }
}
