/** A call under way on a connection. Only the table writes to the link. */
export interface Numbered<Itself> {
  readonly id: number
  nextInTable: Itself | undefined
}

/** A power of two; numbers are given one after the other, so as many calls as this find a place of their own. */
const places = 1024

/**
 * The calls under way on one connection, by their number.
 *
 * A `Map` would do, but for the collector of garbage: one from which as much is taken as is put in is laid out anew again and
 * again, every layout refers to the next, and what an old one held stays until the whole heap is looked through. At a hundred
 * thousand calls a second that was a quarter of the caller's time.
 */
export class CallTable<Call extends Numbered<Call>> {
  readonly #places: (Call | undefined)[] = Array.from({ length: places }, () => undefined)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The caller sees to it that no other call has its number. */
  add(call: Call): void {
    const place = call.id & (places - 1)
    call.nextInTable = this.#places[place]
    this.#places[place] = call
    this.#size += 1
  }

  get(id: number): Call | undefined {
    let call = this.#places[id & (places - 1)]
    while (call && call.id !== id) call = call.nextInTable
    return call
  }

  /** Takes the call out; `undefined` when it is not in. */
  take(id: number): Call | undefined {
    const place = id & (places - 1)
    let before: Call | undefined
    let call = this.#places[place]
    while (call && call.id !== id) {
      before = call
      call = call.nextInTable
    }
    if (!call) return undefined
    if (before) before.nextInTable = call.nextInTable
    else this.#places[place] = call.nextInTable
    call.nextInTable = undefined
    this.#size -= 1
    return call
  }

  /** Takes all out. */
  takeAll(): readonly Call[] {
    const taken: Call[] = []
    for (let place = 0; place < places && this.#size > 0; place++) {
      for (let call = this.#places[place]; call; call = this.#places[place]) {
        taken.push(call)
        this.take(call.id)
      }
    }
    return taken
  }
}
