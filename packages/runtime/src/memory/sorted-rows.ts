interface Entry<Row> {
  readonly order: string
  readonly id: string
  row: Row
}

/** Rows of each key, kept by their order and, where that is the same, by id. A row without a key is not among them. */
export class SortedRows<Row> {
  readonly #keyOf: (row: Row) => string | undefined
  readonly #orderOf: (row: Row) => string
  readonly #byKey = new Map<string, Entry<Row>[]>()

  constructor(keyOf: (row: Row) => string | undefined, orderOf: (row: Row) => string) {
    this.#keyOf = keyOf
    this.#orderOf = orderOf
  }

  /** `before` is the row that the id has had, if any. */
  put(id: string, row: Row, before: Row | undefined): void {
    const key = this.#keyOf(row)
    const order = this.#orderOf(row)
    if (before !== undefined) {
      if (key !== undefined && this.#keyOf(before) === key && this.#orderOf(before) === order) return this.#replace(key, order, id, row)
      this.delete(id, before)
    }
    if (key !== undefined) this.#insert(key, { order, id, row })
  }

  /** `row` as it was put. */
  delete(id: string, row: Row): void {
    const key = this.#keyOf(row)
    const entries = key === undefined ? undefined : this.#byKey.get(key)
    if (key === undefined || !entries) return
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

  *ascending(key: string, upTo: string): Generator<Row, undefined> {
    for (const { order, row } of this.#byKey.get(key) ?? []) {
      if (order > upTo) return
      yield row
    }
  }

  #replace(key: string, order: string, id: string, row: Row): void {
    const entries = this.#byKey.get(key) ?? []
    const entry = entries[placeOf(entries, order, id)]
    if (entry) entry.row = row
  }

  #insert(key: string, entry: Entry<Row>): void {
    const entries = this.#byKey.get(key) ?? []
    if (entries.length === 0) this.#byKey.set(key, entries)
    const place = placeOf(entries, entry.order, entry.id)
    // Most rows are the newest when they come.
    if (place === entries.length) entries.push(entry)
    else entries.splice(place, 0, entry)
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
