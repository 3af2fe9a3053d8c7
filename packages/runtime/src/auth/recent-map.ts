/**
 * A bounded map that forgets what was not used lately, at the price of one look-up a use: entries live in two
 * generations, a used one moves to the younger, and when that is full the older is dropped.
 * It holds at most twice `capacity`, and never forgets the `capacity` entries that were used last.
 */
export class RecentMap<K, V> {
  readonly #capacity: number
  #young = new Map<K, V>()
  #old = new Map<K, V>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: K, value: V): this {
    this.#old.delete(key)
    this.#young.set(key, value)
    if (this.#young.size >= this.#capacity) this.rotate()
    return this
  }

  delete(key: K): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  /** Drops the older generation: all that was not used since the last rotation but one. */
  rotate(): void {
    this.#old = this.#young
    this.#young = new Map()
  }
}
