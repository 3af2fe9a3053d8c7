import { Fault } from "@hanok/contract"
import { SortedRows } from "./sorted-rows.ts"

/** A row for which it gives `undefined` is left out. */
type KeyOf<Row> = (row: Row) => string | undefined

/** A list shows the rows of one `key` by their `order`, and those of the same order by their ids. */
export interface MemoryList<Row> {
  readonly key: KeyOf<Row>
  readonly order: (row: Row) => string
}

/**
 * Rows by id, kept in this process, with optional indexes, and lists for what is read page by page. Rows are values: put a
 * changed copy, never change one in place. Iteration is in the order of first insertion.
 */
export class MemoryTable<Row, Index extends string = never, List extends string = never> {
  readonly #rows = new Map<string, Row>()
  readonly #indexes = new Map<string, MemoryIndex<Row>>()
  readonly #lists = new Map<string, SortedRows<Row>>()

  constructor(indexes?: Readonly<Record<Index, KeyOf<Row>>>, lists?: Readonly<Record<List, MemoryList<Row>>>) {
    for (const [name, keyOf] of Object.entries<KeyOf<Row>>(indexes ?? {})) this.#indexes.set(name, { keyOf, ids: new Map() })
    for (const [name, { key, order }] of Object.entries<MemoryList<Row>>(lists ?? {})) this.#lists.set(name, new SortedRows(key, order))
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id)
  }

  /**
   * The rows whose index has that key, in the order in which they got it; at most the first `limit` of them. One that a transaction took
   * away got it anew when that was rolled back.
   */
  by(index: Index, key: string, limit = Number.POSITIVE_INFINITY): readonly Row[] {
    const ids = this.#indexes.get(index)?.ids.get(key) ?? []
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

  /** The rows of a key, the first by order first, up to those of the order `upTo`; read like `descending`. */
  ascending(list: List, key: string, upTo: string): IteratorObject<Row, undefined> {
    return this.#lists.get(list)?.ascending(key, upTo) ?? [].values()
  }

  all(): readonly Row[] {
    return [...this.#rows.values()]
  }

  put(id: string, row: Row): void {
    const before = this.#rows.get(id)
    this.#rows.set(id, row)
    for (const rows of this.#lists.values()) rows.put(id, row, before)
    for (const { keyOf, ids } of this.#indexes.values()) {
      const key = keyOf(row)
      const old = before === undefined ? undefined : keyOf(before)
      if (old !== undefined && old !== key) removeFrom(ids, old, id)
      if (key !== undefined) addTo(ids, key, id)
    }
  }

  delete(id: string): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    this.#rows.delete(id)
    for (const rows of this.#lists.values()) rows.delete(id, row)
    for (const { keyOf, ids } of this.#indexes.values()) {
      const key = keyOf(row)
      if (key !== undefined) removeFrom(ids, key, id)
    }
  }
}

/** Of a table with any indexes and lists. */
type Rows<Row> = Pick<MemoryTable<Row>, "get" | "put" | "delete">

interface MemoryIndex<Row> {
  readonly keyOf: KeyOf<Row>
  readonly ids: IdsByKey
}

/** Most keys have one row, and need no set for it. */
type IdsByKey = Map<string, string | Set<string>>

function addTo(idsByKey: IdsByKey, key: string, id: string): void {
  const ids = idsByKey.get(key)
  if (ids === undefined) idsByKey.set(key, id)
  else if (typeof ids !== "string") ids.add(id)
  else if (ids !== id) idsByKey.set(key, new Set([ids, id]))
}

function removeFrom(idsByKey: IdsByKey, key: string, id: string): void {
  const ids = idsByKey.get(key)
  if (ids === id) idsByKey.delete(key)
  else if (typeof ids === "object" && ids.delete(id) && ids.size === 0) idsByKey.delete(key)
}

/** What a transaction does to the tables of a store: read through it, and nothing is seen by others before it commits. */
export class MemoryChanges {
  readonly #undo: (() => void)[] = []
  #isOpen = true

  put<Row>(table: Rows<Row>, id: string, row: Row): void {
    this.#remember(table, id)
    table.put(id, row)
  }

  delete<Row>(table: Rows<Row>, id: string): void {
    this.#remember(table, id)
    table.delete(id)
  }

  /** The transaction has ended: what still wants to change something comes too late, and is refused. */
  close(): void {
    this.#isOpen = false
  }

  /** Throws when it is closed. */
  checkOpen(): void {
    if (!this.#isOpen) throw new Fault("INTERNAL", "A write came after its transaction had ended; await every write within it.")
  }

  /** Takes every change back, the last first. */
  rollBack(): void {
    for (const undo of this.#undo.splice(0).toReversed()) undo()
  }

  #remember<Row>(table: Rows<Row>, id: string): void {
    this.checkOpen()
    const before = table.get(id)
    this.#undo.push(() => (before === undefined ? table.delete(id) : table.put(id, before)))
  }
}
