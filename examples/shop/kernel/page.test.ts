import * as fc from "fast-check"
import { expect, test } from "vitest"
import { z } from "zod"
import { MemoryTable } from "@hanok/runtime"
import { pagedList, takePage } from "./page.memory.ts"
import { nextCursor, pageFields, pageOf } from "./page.ts"
import type { Position } from "./page.ts"

const Input = z.object(pageFields)
const time = fc.date({ min: new Date("2020-01-01"), max: new Date("2020-01-02"), noInvalidDate: true }).map((date) => date.toISOString())
const row: fc.Arbitrary<Position> = fc.record({ at: time, id: fc.stringMatching(/^[a-z0-9-]{1,8}$/) })
const rows = fc.uniqueArray(row, { selector: ({ at, id }) => `${at} ${id}`, maxLength: 30 })

function allPages(all: readonly Position[], limit: number): readonly Position[] {
  const paged = pagedList(
    () => "all",
    (one: Position) => one,
  )
  const table = new MemoryTable({}, { paged })
  for (const one of all) table.put(`${one.at} ${one.id}`, one)
  const seen: Position[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = pageOf(Input.parse({ limit, cursor }))
    const part = takePage(table, "paged", "all", page)
    seen.push(...part)
    cursor = nextCursor(part, page, (one) => one)
  }
  return seen
}

test("pages of any size show each row once, newest first", () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 10 }), (all, limit) => {
      const seen = allPages(all, limit)
      expect(new Set(seen)).toEqual(new Set(all))
      expect(seen.length).toBe(all.length)
      expect(seen.map(({ at }) => at)).toEqual(
        seen
          .map(({ at }) => at)
          .toSorted()
          .toReversed(),
      )
    }),
  )
})

test("a cursor that no page gave is not accepted", () => {
  // PostgreSQL has no year 0.
  const made = [
    "",
    "x",
    "0000-01-01T00:00:00.000Z_a",
    "2026-02-31T00:00:00.000Z_a",
    "2026-01-01T00:00:00Z_a",
    "2026-01-01T25:00:00.000Z_a",
    "2026-01-01T00:00:00.000Z_",
  ]
  expect(made.filter((cursor) => Input.safeParse({ cursor }).success)).toEqual([])
})
