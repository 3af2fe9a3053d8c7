import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { createBooks } from "./books.ts"
import type { Entry } from "./books.ts"
import type { Ask, Superuser } from "../shop/superuser.ts"
import { resolveUnknown, waitForRest } from "./settle.ts"

function booksWith(wishes: number) {
  const books = createBooks()
  for (let count = 0; count < wishes; count++) books.open({ kind: "payOrder", subject: "mina", path: "/", body: {}, about: "" })
  return books
}

test("however much nobody knows, it is asked for again as long as anything is settled", async () => {
  const books = booksWith(256)
  const repeat = async (entry: Entry) => {
    await sleep(50)
    books.note(entry, { kind: "refused", code: "ALREADY_PAID" })
    return true
  }
  const told: number[] = []
  expect(await resolveUnknown({ books, repeat }, (left) => told.push(left), 400)).toBe(0)
  expect(told).toEqual([256])
})

test("where nothing is settled any more it ends, and says how much is left", async () => {
  const books = booksWith(20)
  const [known] = books.unknown()
  const repeat = async (entry: Entry) => {
    await sleep(5)
    if (entry !== known) return false
    books.note(entry, { kind: "acknowledged", body: {} })
    return true
  }
  expect(await resolveUnknown({ books, repeat }, () => undefined, 1_000)).toBe(19)
})

/** PostgreSQL in which so many gifts should have expired; there are that many fewer with each look. */
function databaseWith(expiring: number, fewer: number): Pick<Superuser, "connected"> {
  let left = expiring
  const ask: Ask = async (text) => {
    if (text.includes("hanok_outbox")) return []
    left = Math.max(0, left - fewer)
    return [{ placing: 0, expiring: left, queued: 0 }]
  }
  return { connected: (_, work) => work(ask) }
}

test("the shop is at rest when nothing is under way any more", async () => {
  expect(await waitForRest(databaseWith(2, 1), () => undefined)).toBe("")
})

test("what never comes to its end is told", async () => {
  expect(await waitForRest(databaseWith(2, 0), () => undefined, 600)).toBe("2 expiring")
})
