interface Entry<Row> {
  readonly order: string
  readonly id: string
  row: Row
}

/** Rows of each key, kept by their order and, where that is the same, by id. */
export class SortedRows<Row> {
  readonly #keyOf: (row: Row) => string
  readonly #orderOf: (row: Row) => string
  readonly #byKey = new Map<string, Entry<Row>[]>()

  constructor(keyOf: (row: Row) => string, orderOf: (row: Row) => string) {
    this.#keyOf = keyOf
    this.#orderOf = orderOf
  }

  put(id: string, row: Row): void {
    const key = this.#keyOf(row)
    const entries = this.#byKey.get(key) ?? []
    if (entries.length === 0) this.#byKey.set(key, entries)
    const order = this.#orderOf(row)
    const place = placeOf(entries, order, id)
    // Most rows are the newest when they come.
    if (place === entries.length) entries.push({ order, id, row })
    else entries.splice(place, 0, { order, id, row })
  }

  /** `row` as it was put. */
  delete(id: string, row: Row): void {
    const key = this.#keyOf(row)
    const entries = this.#byKey.get(key)
    if (!entries) return
    const place = placeOf(entries, this.#orderOf(row), id)
    if (entries[place]?.id === id) entries.splice(place, 1)
    if (entries.length === 0) this.#byKey.delete(key)
  }

  *descending(key: string, below: string | undefined): Generator<Row, undefined> {
    const entries = this.#byKey.get(key) ?? []
    for (let place = below === undefined ? entries.length : placeOf(entries, below, ""); place > 0;) {
      const entry = entries[--place]
      if (entry) yield entry.row
    }
  }
}

/** Where it is, or would be. */
function placeOf(entries: readonly Entry<unknown>[], order: string, id: string): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = entries[middle]
    if (entry && (entry.order < order || (entry.order === order && entry.id < id))) low = middle + 1
    else high = middle
  }
  return low
}
