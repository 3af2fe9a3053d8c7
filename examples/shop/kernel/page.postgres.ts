import { sql } from "@hanok/postgres"
import type { Position } from "./page.ts"

/** That a row comes behind the position in a list that is ordered by both columns, descending. */
export function behind(at: string, id: string, position: Position) {
  return sql<boolean>`(${sql.ref(at)}, ${sql.ref(id)}) < (${position.at}::timestamptz, ${position.id})`
}
