import * as fc from "fast-check"
import { expect, test } from "vitest"
import { MemoryChanges, MemoryTable } from "./table.ts"

interface Row {
  readonly key: string | undefined
  readonly order: string
  readonly note: number
}

const id = fc.constantFrom("a", "b", "c", "d", "e", "f")
const row: fc.Arbitrary<Row> = fc.record({
  key: fc.constantFrom("x", "y", undefined),
  order: fc.constantFrom("1", "2", "3", "10"),
  note: fc.nat(9),
})
const change = fc.record({ id, row: fc.option(row, { nil: undefined }) })

const tableOf = () => new MemoryTable({ key: ({ key }: Row) => key }, { rows: { key: ({ key }: Row) => key, order: ({ order }) => order } })

/** What the list of a key shows, the slow way. */
function expected(rows: ReadonlyMap<string, Row>, key: string, below: string | undefined): readonly Row[] {
  return [...rows]
    .filter(([, one]) => one.key === key && (below === undefined || one.order < below))
    .toSorted(([oneId, one], [otherId, other]) =>
      one.order === other.order ? (oneId < otherId ? 1 : -1) : one.order < other.order ? 1 : -1,
    )
    .map(([, one]) => one)
}

/** The same from below. */
function expectedUpTo(rows: ReadonlyMap<string, Row>, key: string, upTo: string): readonly Row[] {
  return expected(rows, key, undefined)
    .filter(({ order }) => order <= upTo)
    .toReversed()
}

const [keys, belows, upTos] = [
  ["x", "y"],
  [undefined, "0", "2", "9"],
  ["0", "2", "9"],
]

function shown(table: ReturnType<typeof tableOf>) {
  return keys.map((key) => [
    belows.map((below) => table.descending("rows", key, below).toArray()),
    upTos.map((upTo) => table.ascending("rows", key, upTo).toArray()),
  ])
}

test("a list shows the rows of its key in order, whatever was put, moved and deleted", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40, size: "max" }), (changes) => {
      const [table, rows] = [tableOf(), new Map<string, Row>()]
      for (const one of changes) {
        if (one.row) {
          table.put(one.id, one.row)
          rows.set(one.id, one.row)
        } else {
          table.delete(one.id)
          rows.delete(one.id)
        }
      }
      expect(shown(table)).toEqual(
        keys.map((key) => [belows.map((below) => expected(rows, key, below)), upTos.map((upTo) => expectedUpTo(rows, key, upTo))]),
      )
    }),
  )
})

test("an index shows the first rows of its key in the order in which they got it, whatever was put, moved and deleted", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40, size: "max" }), fc.nat(7), (changes, limit) => {
      const table = new MemoryTable({ key: ({ key }: Row) => key })
      const rows = { x: new Map<string, Row>(), y: new Map<string, Row>() }
      for (const one of changes) {
        if (one.row) table.put(one.id, one.row)
        else table.delete(one.id)
        for (const [key, those] of Object.entries(rows)) {
          if (one.row?.key === key) those.set(one.id, one.row)
          else those.delete(one.id)
        }
      }
      const [x, y] = [[...rows.x.values()], [...rows.y.values()]]
      expect([table.by("key", "x"), table.by("key", "y")]).toEqual([x, y])
      expect(table.by("key", "x", limit)).toEqual(x.slice(0, limit))
    }),
  )
})

/** All that a table gives; rows of an index in any order, for one that was taken back is its last. */
function contentsOf(table: ReturnType<typeof tableOf>) {
  const texts = (rows: readonly Row[]) => rows.map((one) => JSON.stringify(one)).toSorted()
  return [shown(table), texts(table.all()), keys.map((key) => texts(table.by("key", key)))]
}

test("a transaction does what would be done without one, and leaves everything as it was when it is rolled back", () => {
  const changes = fc.array(change, { maxLength: 20, size: "max" })
  fc.assert(
    fc.property(changes, changes, (before, within) => {
      const [table, plain] = [tableOf(), tableOf()]
      for (const one of before) {
        if (!one.row) continue
        table.put(one.id, one.row)
        plain.put(one.id, one.row)
      }
      const was = contentsOf(table)
      const transaction = new MemoryChanges()
      for (const one of within) {
        if (one.row) {
          transaction.put(table, one.id, one.row)
          plain.put(one.id, one.row)
        } else {
          transaction.delete(table, one.id)
          plain.delete(one.id)
        }
      }
      expect(contentsOf(table)).toEqual(contentsOf(plain))
      transaction.rollBack()
      expect(contentsOf(table)).toEqual(was)
    }),
  )
})

test("a list is read no further than it is asked for", () => {
  const table = new MemoryTable({}, { rows: { key: () => "", order: (number: number) => String(number) } })
  for (const number of [1, 2, 3]) table.put(`row ${number}`, number)
  const read: number[] = []
  const first = table
    .descending("rows", "")
    .map((number) => (read.push(number), number))
    .take(2)
    .toArray()
  expect([first, read]).toEqual([
    [3, 2],
    [3, 2],
  ])
})
