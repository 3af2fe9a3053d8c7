import { z } from "zod"

/** Where a page of a list that is ordered by time ends: the next one begins behind it. */
export interface Position {
  /** ISO 8601 in UTC. */
  readonly at: string
  readonly id: string
}

/** Which part of a list is asked for; newest first. */
export interface Page {
  readonly limit: number
  readonly after: Position | undefined
}

const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([A-Za-z0-9-]{1,64})$/

const Cursor = z
  .string()
  .max(100)
  .refine((cursor) => positionOf(cursor) !== undefined, "must be a `nextCursor` of the page before")

/** The fields of an input that ask for a page. */
export const pageFields = { limit: z.int().min(1).max(100).default(20), cursor: Cursor.optional() }

export function pageOf({ limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }): Page {
  return { limit, after: cursor === undefined ? undefined : positionOf(cursor) }
}

/** The cursor behind the last of these; `null` when they are fewer than a page. */
export function nextCursor<Row>(rows: readonly Row[], page: Page, position: (row: Row) => Position): string | null {
  const last = rows.at(-1)
  return last === undefined || rows.length < page.limit ? null : cursorOf(position(last))
}

/** Cursors are in the order of their positions. */
export function cursorOf({ at, id }: Position): string {
  // Joined, for lists in memory keep it: to the engine a template's text is several objects.
  return [at, id].join("_")
}

function positionOf(cursor: string): Position | undefined {
  const [, at, id] = form.exec(cursor) ?? []
  if (at === undefined || id === undefined || Number.isNaN(Date.parse(at))) return undefined
  // Dates such as the 31st of February are moved on when parsed; the year 0 is none to databases.
  return new Date(at).toISOString() === at && at >= "0001" ? { at, id } : undefined
}
