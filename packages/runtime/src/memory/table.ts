import { SortedRows } from "./sorted-rows.ts"

type Keys<Row> = Readonly<Record<string, (row: Row) => string>>

/** A list shows the rows of one `key` by their `order`, and those of the same order by their ids. */
export interface MemoryList<Row> {
  readonly key: (row: Row) => string
  readonly order: (row: Row) => string
}

/**
 * Rows by id, kept in this process, with optional indexes, and lists for what is read page by page. Rows are values: put a
 * changed copy, never change one in place. Iteration is in the order of first insertion.
 */
export class MemoryTable<Row, Index extends string = never, List extends string = never> {
  readonly #rows = new Map<string, Row>()
  readonly #keys: Keys<Row>
  readonly #indexes = new Map<string, MemoryIndex>()
  readonly #lists = new Map<string, SortedRows<Row>>()

  constructor(indexes?: Readonly<Record<Index, (row: Row) => string>>, lists?: Readonly<Record<List, MemoryList<Row>>>) {
    this.#keys = indexes ?? {}
    for (const name of Object.keys(this.#keys)) this.#indexes.set(name, new Map())
    for (const [name, { key, order }] of Object.entries<MemoryList<Row>>(lists ?? {})) this.#lists.set(name, new SortedRows(key, order))
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id)
  }

  /** The rows whose index has that key, in the order in which they got it; at most the first `limit` of them. */
  by(index: Index, key: string, limit = Number.POSITIVE_INFINITY): readonly Row[] {
    const ids = this.#indexes.get(index)?.get(key) ?? []
    const rows: Row[] = []
    for (const id of typeof ids === "string" ? [ids] : ids) {
      if (rows.length >= limit) break
      // Whatever is indexed is there.
      rows.push(this.#rows.get(id) as Row)
    }
    return rows
  }

  /**
   * The rows of a key, the last by order first; with `below` those whose order comes before it. It takes time for the rows that
   * are read, not for those that are there. To be read before anything is put.
   */
  descending(list: List, key: string, below?: string): IteratorObject<Row, undefined> {
    return this.#lists.get(list)?.descending(key, below) ?? [].values()
  }

  all(): readonly Row[] {
    return [...this.#rows.values()]
  }

  put(id: string, row: Row): void {
    const before = this.#rows.get(id)
    this.#rows.set(id, row)
    for (const rows of this.#lists.values()) {
      if (before !== undefined) rows.delete(id, before)
      rows.put(id, row)
    }
    for (const [name, index] of this.#indexes) {
      const keyOf = this.#keys[name]
      if (!keyOf) continue
      const key = keyOf(row)
      if (before !== undefined && keyOf(before) !== key) removeFrom(index, keyOf(before), id)
      addTo(index, key, id)
    }
  }

  delete(id: string): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    this.#rows.delete(id)
    for (const rows of this.#lists.values()) rows.delete(id, row)
    for (const [name, index] of this.#indexes) removeFrom(index, this.#keys[name]?.(row) ?? "", id)
  }
}

/** Of a table with any indexes and lists. */
type Rows<Row> = Pick<MemoryTable<Row>, "get" | "put" | "delete">

/** The ids of the rows of each key. Most keys have one row, and need no set for it. */
type MemoryIndex = Map<string, string | Set<string>>

function addTo(index: MemoryIndex, key: string, id: string): void {
  const ids = index.get(key)
  if (ids === undefined) index.set(key, id)
  else if (typeof ids !== "string") ids.add(id)
  else if (ids !== id) index.set(key, new Set([ids, id]))
}

function removeFrom(index: MemoryIndex, key: string, id: string): void {
  const ids = index.get(key)
  if (ids === id) index.delete(key)
  else if (typeof ids === "object" && ids.delete(id) && ids.size === 0) index.delete(key)
}

/** What a transaction does to the tables of a store: read through it, and nothing is seen by others before it commits. */
export class MemoryChanges {
  readonly #undo: (() => void)[] = []

  put<Row>(table: Rows<Row>, id: string, row: Row): void {
    this.#remember(table, id)
    table.put(id, row)
  }

  delete<Row>(table: Rows<Row>, id: string): void {
    this.#remember(table, id)
    table.delete(id)
  }

  /** Takes every change back, the last first. */
  rollBack(): void {
    for (const undo of this.#undo.splice(0).toReversed()) undo()
  }

  #remember<Row>(table: Rows<Row>, id: string): void {
    const before = table.get(id)
    this.#undo.push(() => (before === undefined ? table.delete(id) : table.put(id, before)))
  }
}
