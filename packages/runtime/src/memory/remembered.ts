export interface RememberedOptions<Value> {
  /** The most entries. */
  readonly capacity: number
  /** How many characters a value has; none when not given. Those of keys are counted besides. */
  readonly lengthOf?: (value: Value) => number
  /** Whether an entry may be forgotten; any when not given. */
  readonly mayGo?: (value: Value) => boolean
}

/** The most characters altogether: how many a key or an answer has is up to others, and entries alone bound no memory. */
const mostCharacters = 64 * 1024 * 1024
/** So much is forgotten at once: read from its start, a Map first skips all that was deleted there, which is too much for every entry that comes. */
const part = 100

/** Entries by key, of which the oldest are forgotten when there are too many, or they are too large altogether. */
export class Remembered<Value> implements Iterable<readonly [string, Value]> {
  readonly #entries = new Map<string, Value>()
  readonly #capacity: number
  readonly #lengthOf: (value: Value) => number
  readonly #mayGo: (value: Value) => boolean
  #characters = 0

  constructor({ capacity, lengthOf = () => 0, mayGo = () => true }: RememberedOptions<Value>) {
    this.#capacity = capacity
    this.#lengthOf = lengthOf
    this.#mayGo = mayGo
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)
  }

  /** One that is there already stays as old as it is. */
  set(key: string, value: Value): void {
    const before = this.#entries.get(key)
    this.#characters += before === undefined ? key.length : -this.#lengthOf(before)
    this.#characters += this.#lengthOf(value)
    this.#entries.set(key, value)
    if (this.#isMoreThan(1)) this.#makeRoom()
  }

  delete(key: string): void {
    const value = this.#entries.get(key)
    if (value === undefined) return
    this.#characters -= key.length + this.#lengthOf(value)
    this.#entries.delete(key)
  }

  /** The oldest first. */
  [Symbol.iterator](): IterableIterator<[string, Value]> {
    return this.#entries.entries()
  }

  #makeRoom(): void {
    for (const [key, value] of this.#entries) {
      if (this.#mayGo(value)) this.delete(key)
      if (!this.#isMoreThan(1 - 1 / part)) return
    }
  }

  #isMoreThan(share: number): boolean {
    return this.#entries.size > Math.floor(this.#capacity * share) || this.#characters > mostCharacters * share
  }
}
