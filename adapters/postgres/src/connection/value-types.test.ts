import { sql } from "kysely"
import type { Kysely } from "kysely"
import { types } from "pg"
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest"
import { createTestContext, createTestServer, fillStore } from "../fixture.ts"
import type { FilledStore, TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"

const words = (db: Kysely<object>) => ({
  ask: async (columns: string) => (await sql.raw<object>(`select ${columns}`).execute(db)).rows[0],
  keep: async (time: Date) =>
    (
      await sql<object>`select ${time}::timestamptz as moment, ${time}::timestamp as plain, ${time}::date as day,
        ${[time]}::timestamptz[] as moments, ${[time, null]}::timestamp[] as plains`.execute(db)
    ).rows[0],
})

let server: TestServer
let store: FilledStore<ReturnType<typeof words>, object>

beforeAll(async () => {
  server = await createTestServer()
  store = await fillStore(
    postgres({ migrations: await server.migrations({}), read: words, write: () => ({}), poolSize: 1 }),
    "value",
    server.url,
  )
})
afterAll(async () => {
  await store.close()
  await server.close()
})

const ask = (columns: string) => store.port.read(createTestContext()).ask(columns)

test("a date is a text, and a bigint a number, also in lists", async () => {
  expect(await ask("date '2026-05-01' as day, array[date '2026-05-01', null] as days")).toEqual({
    day: "2026-05-01",
    days: ["2026-05-01", null],
  })
  expect(
    await ask("count(*), array[-9007199254740991, null] as large, array[[1], [2]]::bigint[] as nested, '{}'::bigint[] as none"),
  ).toEqual({
    count: 1,
    large: [-9_007_199_254_740_991, null],
    nested: [[1], [2]],
    none: [],
  })
})

test("a bigint that no number holds is an error which says so, and the connection is as good as before", async () => {
  await expect(ask("9007199254740993 as id")).rejects.toThrow("The bigint 9007199254740993 is too large for a number")
  await expect(ask("array[1, 9007199254740993] as ids")).rejects.toThrow("select it as text")
  expect(await ask("9007199254740993::text as id, array[9007199254740993]::text[] as ids")).toEqual({
    id: "9007199254740993",
    ids: ["9007199254740993"],
  })
})

test("a numeric is a text, also in lists, and keeps all its digits", async () => {
  expect(await ask("9007199254740993.10 as price, array[9007199254740993.10, null] as prices")).toEqual({
    price: "9007199254740993.10",
    prices: ["9007199254740993.10", null],
  })
})

// With summer time, and once with offsets that are no whole minutes.
test.each(["UTC", "Asia/Seoul", "America/New_York"])(
  "times are what they were when they come back, by whatever zone the process goes: %s",
  async (zone) => {
    vi.stubEnv("TZ", zone)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { keep } = store.port.read(createTestContext())
    // The two hours of New York's clock in one night that are called alike, and years before 1, after 9999 and before zones had a name.
    const nights = ["2026-11-01T05:30:00.123Z", "2026-11-01T06:30:00.123Z"]
    const years = ["0044-03-15T12:00:00.000Z", "1850-06-01T12:00:00.000Z", "1900-01-01T12:00:00.000Z"]
    for (const text of [...nights, ...years]) {
      const time = new Date(text)
      expect(await keep(time)).toEqual({ moment: time, plain: time, day: text.slice(0, 10), moments: [time], plains: [time, null] })
    }
    for (const text of ["-000043-03-15T12:00:00.000Z", "0000-12-31T12:00:00.000Z", "+012026-01-01T12:00:00.000Z"]) {
      const time = new Date(text)
      expect(await keep(time)).toMatchObject({ moment: time, plain: time, moments: [time], plains: [time, null] })
    }
    expect(await ask("timestamp '2026-05-01 09:00' as plain, timestamp 'infinity' as never, timestamp '-infinity' as always")).toEqual({
      plain: new Date("2026-05-01T09:00:00Z"),
      never: Number.POSITIVE_INFINITY,
      always: Number.NEGATIVE_INFINITY,
    })
  },
)

test("what a module says of types for a pool of its own changes neither what stores read nor the journal's answers", async () => {
  for (const type of [types.builtins.JSON, types.builtins.JSONB, types.builtins.NUMERIC, types.builtins.TIMESTAMPTZ]) {
    const parse = types.getTypeParser(type)
    onTestFinished(() => types.setTypeParser(type, parse))
    types.setTypeParser(type, (text) => `${text}, read by the module`)
  }
  expect(await ask(`timestamptz '2026-05-01 00:00:00Z' as time, 1.10 as price, '{"a":1}'::json as one, '[2]'::jsonb as other`)).toEqual({
    time: new Date("2026-05-01T00:00:00Z"),
    price: "1.10",
    one: { a: 1 },
    other: [2],
  })
  const outcome = { kind: "output", output: { giftId: "1" } } as const
  await store.journal.begin("k", "f", 60_000)
  await store.journal.finish("k", outcome)
  expect(await store.journal.begin("k", "f", 60_000)).toEqual({ state: "done", outcome })
})

test("days and times are read as they are also in a database that writes them in another way", async () => {
  await server.ask("alter database postgres set datestyle = 'SQL, DMY'")
  const other = await fillStore(postgres({ migrations: await server.migrations({}), read: words, write: () => ({}) }), "dates", server.url)
  expect(await other.port.read(createTestContext()).ask("date '2026-05-01' as day, timestamptz '2026-05-01 00:00:00Z' as time")).toEqual({
    day: "2026-05-01",
    time: new Date("2026-05-01T00:00:00Z"),
  })
  await other.close()
  await server.ask("alter database postgres reset datestyle")
})
