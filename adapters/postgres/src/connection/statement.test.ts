import { expect, test } from "vitest"
import { settingsOf } from "./settings.ts"
import { createStatements } from "./statement.ts"

const settings = settingsOf({ module: "gift", env: { DATABASE_URL: "postgres://me:secret@localhost/shop" } }, undefined)

const texts = (count: number) => Array.from({ length: count }, (_, number) => `select ${number}`)

test("what comes again is prepared, under a name of its own, but no more than connections can bear", () => {
  const statements = createStatements(settings)
  expect(texts(201).filter((text) => statements.describe(text).prepared)).toEqual([])
  const names = texts(201).flatMap((text) => statements.describe(text).prepared ?? [])
  expect([names.length, new Set(names).size]).toEqual([200, 200])
  statements.prepareAnew()
  expect(names).not.toContain(statements.describe("select 200").prepared)
})

test("texts that are made anew for each call are forgotten, and what is prepared is not", () => {
  const statements = createStatements(settings)
  statements.describe("select gift")
  const { prepared } = statements.describe("select gift")
  for (const text of texts(2_000)) statements.describe(text)
  expect(statements.describe("select 0").prepared).toBe(undefined)
  expect(statements.describe("select gift").prepared).toBe(prepared)
})

test("a text that is as long as only those with many rows in them is neither prepared nor remembered, however often it comes", () => {
  const statements = createStatements(settings)
  const insertOf = (rows: number) =>
    `insert into "gift" ("id") values ${Array.from({ length: rows }, (_, row) => `($${row + 1})`).join(", ")}`
  const [some, many] = [insertOf(1_000), insertOf(2_000)]
  const described = Array.from({ length: 3 }, () => statements.describe(many))
  expect(described.map(({ name, prepared }) => `${name} ${prepared}`)).toEqual(described.map(() => "INSERT gift undefined"))
  expect(new Set(described).size).toBe(3)
  expect(statements.describe(some)).toBe(statements.describe(some))
  expect(statements.describe(some).prepared).toBeTypeOf("string")
})
