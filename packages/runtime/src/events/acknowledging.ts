import type { Outbox } from "@hanok/contract"

/** How long a delivery waits for others to be acknowledged with it, in milliseconds. */
const gatherMs = 10
/** So many deliveries of those that may be under way are acknowledged at once: their places are needed. */
const share = 0.25

/**
 * Acknowledges to the outbox what was delivered, in one statement for all that ended within a moment: one for each would cost the
 * database more than all else that is done for it.
 */
export class Acknowledging {
  readonly #outbox: Outbox
  readonly #enough: number
  readonly #ids: string[] = []
  #gathered: Promise<boolean> | undefined
  #waitNoLonger: () => void = () => undefined

  constructor(outbox: Outbox, places: number) {
    this.#outbox = outbox
    this.#enough = Math.ceil(places * share)
  }

  /** One of so many that are under way was delivered. Resolves, when that is acknowledged, to whether others may be due now. */
  add(id: string, underWay: number): Promise<boolean> {
    this.#ids.push(id)
    const acknowledged = (this.#gathered ??= this.#acknowledge())
    // Nobody else may come, or places are needed.
    if (this.#ids.length >= Math.min(underWay, this.#enough)) this.#waitNoLonger()
    return acknowledged
  }

  async #acknowledge(): Promise<boolean> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, gatherMs)
      this.#waitNoLonger = () => {
        clearTimeout(timer)
        setImmediate(resolve)
      }
    })
    this.#gathered = undefined
    return this.#outbox.delivered(this.#ids.splice(0))
  }
}
