import { expect, test } from "vitest"
import { createBooks } from "./books.ts"
import type { Wish } from "./books.ts"

const wish: Wish = { kind: "placeOrder", subject: "mina", path: "/orders", body: {}, about: "" }

test("a wish is unknown until it is answered once and for all", () => {
  const books = createBooks()
  const entry = books.open(wish)
  expect(books.unknown()).toEqual([entry])
  books.note(entry, { kind: "acknowledged", body: { orderId: "o1" } })
  expect([books.unknown(), books.contradictions()]).toEqual([[], []])
})

test("the same answer again is none too many", () => {
  const books = createBooks()
  const entry = books.open(wish)
  for (const state of ["INIT", "PAID"]) books.note(entry, { kind: "acknowledged", body: { orderId: "o1", state } })
  expect(books.contradictions()).toEqual([])
})

test("two orders for one key, or an order and a refusal, contradict each other", () => {
  const books = createBooks(() => "k")
  const entry = books.open(wish)
  books.note(entry, { kind: "acknowledged", body: { orderId: "o1" } })
  books.note(entry, { kind: "acknowledged", body: { orderId: "o2" } })
  books.note(entry, { kind: "refused", code: "OUT_OF_STOCK" })
  expect(books.contradictions()).toEqual(["placeOrder k: first o1, then o2", "placeOrder k: first o1, then OUT_OF_STOCK"])
})
