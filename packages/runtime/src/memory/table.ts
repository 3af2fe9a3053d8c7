type Keys<Row> = Readonly<Record<string, (row: Row) => string>>

/**
 * Rows by id, kept in this process, with optional indexes. Rows are values: put a changed copy, never change one in place.
 * Iteration is in the order of first insertion.
 */
export class MemoryTable<Row, Index extends string = never> {
  readonly #rows = new Map<string, Row>()
  readonly #keys: Keys<Row>
  readonly #indexes = new Map<string, Map<string, Set<string>>>()

  constructor(indexes?: Readonly<Record<Index, (row: Row) => string>>) {
    this.#keys = indexes ?? {}
    for (const name of Object.keys(this.#keys)) this.#indexes.set(name, new Map())
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id)
  }

  /** The rows whose index has that key. */
  by(index: Index, key: string): readonly Row[] {
    const ids = this.#indexes.get(index)?.get(key) ?? []
    return [...ids].map((id) => this.#rows.get(id)).filter((row) => row !== undefined)
  }

  all(): readonly Row[] {
    return [...this.#rows.values()]
  }

  put(id: string, row: Row): void {
    this.#unindex(id)
    this.#rows.set(id, row)
    for (const [name, keyOf] of Object.entries(this.#keys)) {
      const index = this.#indexes.get(name) ?? new Map<string, Set<string>>()
      const ids = index.get(keyOf(row)) ?? new Set()
      index.set(keyOf(row), ids.add(id))
    }
  }

  delete(id: string): void {
    this.#unindex(id)
    this.#rows.delete(id)
  }

  #unindex(id: string): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    for (const [name, keyOf] of Object.entries(this.#keys)) {
      const index = this.#indexes.get(name)
      const ids = index?.get(keyOf(row))
      ids?.delete(id)
      if (ids?.size === 0) index?.delete(keyOf(row))
    }
  }
}

/** What a transaction does to the tables of a store: read through it, and nothing is seen by others before it commits. */
export class MemoryChanges {
  readonly #undo: (() => void)[] = []

  put<Row, Index extends string>(table: MemoryTable<Row, Index>, id: string, row: Row): void {
    this.#remember(table, id)
    table.put(id, row)
  }

  delete<Row, Index extends string>(table: MemoryTable<Row, Index>, id: string): void {
    this.#remember(table, id)
    table.delete(id)
  }

  /** Takes every change back, the last first. */
  rollBack(): void {
    for (const undo of this.#undo.splice(0).toReversed()) undo()
  }

  #remember<Row, Index extends string>(table: MemoryTable<Row, Index>, id: string): void {
    const before = table.get(id)
    this.#undo.push(() => (before === undefined ? table.delete(id) : table.put(id, before)))
  }
}
