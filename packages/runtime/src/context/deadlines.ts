import { now } from "../recorder/clock.ts"

/** Something that ends at a time, and the neighbours it has in its list; only `Deadlines` writes to these. */
export interface Expiring {
  /** On the clock of `now`. */
  readonly deadlineAt: number
  expire(): void
  deadlines?: Deadlines | undefined
  earlier?: Expiring | undefined
  later?: Expiring | undefined
}

/** A longer timer fires at once (HTML Living Standard, "timers": 32 bits). */
export const longestTimerMs = 2 ** 31 - 1

/**
 * Those that have the same time to live, in the order in which they began and so will end. One timer stands for all of them,
 * and goes on when the first has ended before its time: a deadline that is kept, as most are, costs no timer.
 * No timer keeps the process alive.
 */
export class Deadlines {
  readonly #lifeMs: number
  #first: Expiring | undefined
  #last: Expiring | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs
  }

  add(item: Expiring): void {
    item.deadlines = this
    item.earlier = this.#last
    if (this.#last) this.#last.later = item
    else this.#first = item
    this.#last = item
    // What is added may have begun a while ago.
    if (this.#timer === undefined) this.#arm(item.deadlineAt - now())
  }

  delete(item: Expiring): void {
    if (item.deadlines !== this) return
    item.deadlines = undefined
    if (item.earlier) item.earlier.later = item.later
    else this.#first = item.later
    if (item.later) item.later.earlier = item.earlier
    else this.#last = item.earlier
    item.earlier = undefined
    item.later = undefined
  }

  #arm(inMs: number): void {
    this.#timer = setTimeout(() => this.#expire(), Math.min(Math.max(1, Math.ceil(inMs)), longestTimerMs)).unref()
  }

  // A timer may fire a little early; a deadline has passed only when the clock says so.
  #expire(): void {
    this.#timer = undefined
    const time = now()
    for (let first = this.#first; first && first.deadlineAt <= time; first = this.#first) {
      this.delete(first)
      first.expire()
    }
    if (this.#first) this.#arm(this.#first.deadlineAt - time)
    else byLife.delete(this.#lifeMs)
  }
}

const byLife = new Map<number, Deadlines>()

/** The list of those that live for `lifeMs`, a whole number of milliseconds. */
export function deadlinesOf(lifeMs: number): Deadlines {
  const existing = byLife.get(lifeMs)
  if (existing) return existing
  const made = new Deadlines(lifeMs)
  byLife.set(lifeMs, made)
  return made
}
