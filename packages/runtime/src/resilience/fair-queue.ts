import type { Compartment, Visit } from "./gate.ts"

/**
 * Calls that wait, by caller, those of each in the order in which they came. Callers take turns: the next call is of one that has least
 * under way, and among these of the one whose turn was longest ago. So it costs who asks little next to nothing how much others ask.
 */
export class FairQueue {
  /** Whose turn was longest ago first; nobody of whom none waits. */
  readonly #ofCaller = new Map<Compartment, Visit[]>()
  #length = 0

  get length(): number {
    return this.#length
  }

  get all(): readonly Visit[] {
    return [...this.#ofCaller.values()].flat()
  }

  push(visit: Visit): void {
    const waiting = this.#ofCaller.get(visit.compartment)
    if (waiting) waiting.push(visit)
    else this.#ofCaller.set(visit.compartment, [visit])
    this.#length += 1
  }

  /** The next one of a caller that has less than `most` under way. */
  take(most: number): Visit | undefined {
    let next: Compartment | undefined
    for (const caller of this.#ofCaller.keys()) if (caller.inFlight < (next?.inFlight ?? most)) next = caller
    const waiting = next && this.#ofCaller.get(next)
    if (!next || !waiting) return undefined
    // To the end.
    this.#ofCaller.delete(next)
    if (waiting.length > 1) this.#ofCaller.set(next, waiting)
    this.#length -= 1
    return waiting.shift()
  }

  /** Whether it waited here. */
  delete(visit: Visit): boolean {
    const waiting = this.#ofCaller.get(visit.compartment)
    const index = waiting?.lastIndexOf(visit) ?? -1
    if (!waiting || index < 0) return false
    waiting.splice(index, 1)
    if (waiting.length === 0) this.#ofCaller.delete(visit.compartment)
    this.#length -= 1
    return true
  }

  /** The newest of the caller that has most, under way and waiting, when that is at least so much. */
  newestOfMost(least = 0): Visit | undefined {
    let [most, newest]: [number, Visit | undefined] = [least, undefined]
    for (const [caller, waiting] of this.#ofCaller) {
      const its = caller.inFlight + waiting.length
      if (its < most) continue
      most = its
      newest = waiting.at(-1)
    }
    return newest
  }

  /** Calls of a caller, under way and waiting. */
  callsOf(caller: Compartment): number {
    return caller.inFlight + (this.#ofCaller.get(caller)?.length ?? 0)
  }
}
