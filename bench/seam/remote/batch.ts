const most = 16

/** Collects what is sent within one tick, sixteen at most. */
export class Batch<Item> {
  readonly #send: (items: readonly Item[]) => void
  #items: Item[] = []

  constructor(send: (items: readonly Item[]) => void) {
    this.#send = send
  }

  add(item: Item): void {
    if (this.#items.push(item) === 1) process.nextTick(() => this.#flush())
    else if (this.#items.length === most) this.#flush()
  }

  #flush(): void {
    if (this.#items.length === 0) return
    const items = this.#items
    this.#items = []
    this.#send(items)
  }
}
