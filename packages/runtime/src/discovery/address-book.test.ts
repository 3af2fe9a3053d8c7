import { expect, test } from "vitest"
import { createAddressBook } from "./address-book.ts"

const [first, second, other] = [7000, 7001, 7002].map((port) => ({ host: "10.0.0.1", port }))
if (!first || !second || !other) throw new Error("There are three.")

test("who is told of nothing knows nothing, and whoever asked before hears of what is told later", () => {
  const book = createAddressBook({ order: [first] })
  const [order, stock] = [book.addressesOf("order"), book.addressesOf("stock")]
  expect([order.current(), stock.current()]).toEqual([[first], []])
  let told = 0
  stock.onChange(() => (told += 1))
  book.update({ stock: [other] })
  expect([order.current(), stock.current(), told]).toEqual([[], [other], 1])
  expect(book.addressesOf("stock").current()).toEqual([other])
})

test("the same replicas in another order are no news, one more, one fewer and none are", () => {
  const book = createAddressBook({ order: [first, second] })
  const told: (readonly unknown[])[] = []
  const order = book.addressesOf("order")
  order.onChange(() => told.push(order.current()))
  const news = [[second, first], [first], [first, other], [], [], [first]]
  for (const addresses of news) book.update({ order: addresses })
  expect(told).toEqual([[first], [first, other], [], [first]])
})

test("who listens no more is told no more, and all others are", () => {
  const book = createAddressBook()
  const told: string[] = []
  const stops = ["a", "b", "c"].map((name) => book.addressesOf("order").onChange(() => told.push(name)))
  stops[1]?.()
  book.update({ order: [first] })
  expect(told).toEqual(["a", "c"])
})

test("a service may have the name of what every object has", () => {
  const book = createAddressBook()
  const source = book.addressesOf("constructor")
  book.update({})
  expect(source.current()).toEqual([])
})
