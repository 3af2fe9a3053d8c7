import type { MemoryList, MemoryTable } from "@hanok/runtime"
import { cursorOf } from "./page.ts"
import type { Page, Position } from "./page.ts"

/** A list that is read page by page. */
export function pagedList<Row>(key: (row: Row) => string, position: (row: Row) => Position): MemoryList<Row> {
  return { key, order: (row) => cursorOf(position(row)) }
}

/** The page of the rows of a key that are `shown`. */
export function takePage<Row, List extends string>(
  table: Pick<MemoryTable<Row, never, List>, "descending">,
  list: List,
  key: string,
  { limit, after }: Page,
  shown: (row: Row) => boolean = () => true,
): readonly Row[] {
  const rows = table.descending(list, key, after && cursorOf(after))
  return rows.filter(shown).take(limit).toArray()
}
