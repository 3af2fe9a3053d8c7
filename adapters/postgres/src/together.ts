import { isFault } from "@hanok/contract"

/** Carries out, in one statement, what is asked for several keys, each of them once; gives the keys for which it did something. */
type CarryOut<Item> = (items: readonly Item[]) => Promise<ReadonlySet<string>>

interface Asked<Item> {
  readonly item: Item
  readonly answer: (answered: Answered) => void
  readonly fail: (error: unknown) => void
}

export interface Answered {
  /** Whether its key was among those. */
  readonly answer: boolean
  /** How many were asked together with it, itself included. */
  readonly together: number
}

const mostTogether = 64
/** A statement that takes longer, over a line that is dead or because of a lock, holds up nobody else. */
const slowMs = 100

/**
 * Asks the database for those who come in the same turn of the event loop, and for those who come while others are being asked
 * for, together: nobody waits for company, and the busier the database, the less it is asked.
 */
export class Together<Item extends { readonly key: string }> {
  readonly #carryOut: CarryOut<Item>
  #waiting: Asked<Item>[] = []
  /** A statement is under way, and not slow, or about to begin. */
  #busy = false

  constructor(carryOut: CarryOut<Item>) {
    this.#carryOut = carryOut
  }

  ask(item: Item): Promise<Answered> {
    const { promise, resolve, reject } = Promise.withResolvers<Answered>()
    this.#waiting.push({ item, answer: resolve, fail: reject })
    this.#goOn()
    return promise
  }

  #goOn(): void {
    if (this.#busy || this.#waiting.length === 0) return
    this.#busy = true
    process.nextTick(() => void this.#carryOutNext())
  }

  async #carryOutNext(): Promise<void> {
    const next = () => {
      this.#busy = false
      this.#goOn()
    }
    let isSlow = false
    const slow = setTimeout(() => {
      isSlow = true
      next()
    }, slowMs).unref()
    await this.#answerAll(this.#take())
    clearTimeout(slow)
    if (!isSlow) next()
  }

  // In one order everywhere, so that those who lock the same rows never wait for each other in a circle.
  #take(): readonly Asked<Item>[] {
    const taken = new Map<string, Asked<Item>>()
    const left: Asked<Item>[] = []
    for (const asked of this.#waiting) {
      const { key } = asked.item
      if (taken.size < mostTogether && !taken.has(key)) taken.set(key, asked)
      else left.push(asked)
    }
    this.#waiting = left
    return [...taken].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, asked]) => asked)
  }

  async #answerAll(all: readonly Asked<Item>[]): Promise<void> {
    try {
      const done = await this.#carryOut(all.map(({ item }) => item))
      for (const { item, answer } of all) answer({ answer: done.has(item.key), together: all.length })
    } catch (error) {
      // A fault is the database's, or the network's; anything else may be about one of them, and nothing was kept.
      if (all.length > 1 && !isFault(error)) for (const asked of all) await this.#answerAll([asked])
      else for (const { fail } of all) fail(error)
    }
  }
}
