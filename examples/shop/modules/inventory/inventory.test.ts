import { refusalOf } from "@hanok/contract"
import { createSlice, fake } from "@hanok/testkit"
import type { Slice } from "@hanok/testkit"
import * as fc from "fast-check"
import { afterEach, beforeEach, expect, test } from "vitest"
import { itemContract } from "../item/contract.ts"
import { orderContract } from "../order/contract.ts"
import { inventoryContract } from "./contract.ts"
import { inventoryModule } from "./module.ts"
import { inventoryStoreInMemory } from "./store.memory.ts"

const seller = { identity: { subject: "seller", roles: ["partner"] } }
const admin = { identity: { subject: "admin", roles: ["admin"] } }
let slice: Slice

beforeEach(async () => {
  const items = fake(itemContract, {
    sellerOfSku({ sku }, context) {
      if (sku.startsWith("unknown")) throw context.refusal("ITEM_NOT_FOUND", {})
      return { itemId: sku, partnerId: "p", sellerId: "seller" }
    },
  })
  slice = await createSlice(inventoryModule, { needs: { store: inventoryStoreInMemory }, fakes: [items] })
})
afterEach(() => slice.close())

const inventory = () => slice.client(inventoryContract)
const levelOf = (sku: string) => inventory().stockLevel({ sku }, admin)
const paid = (orderId: string) =>
  slice.tell(orderContract, "orderPaid", {
    orderId,
    customerId: "c",
    lines: [],
    totalCents: 0,
    address: null,
    giftTo: null,
    paidAt: "2026-05-01T00:00:00.000Z",
  })
const cancelled = (orderId: string) =>
  slice.tell(orderContract, "orderCancelled", {
    orderId,
    customerId: "c",
    reason: "CUSTOMER",
    stateBefore: "INIT",
    couponId: null,
    totalCents: 0,
  })
const reserve = (orderId: string, quantity: number, sku = "cup") => inventory().reserve({ orderId, lines: [{ sku, quantity }] })

test("pieces are available once received, held once reserved, gone once paid for", async () => {
  await inventory().receiveStock({ sku: "cup", quantity: 5 }, seller)
  await reserve("o", 2)
  expect(await levelOf("cup")).toEqual({ sku: "cup", available: 3, reserved: 2, committed: 0 })
  await paid("o")
  expect(await levelOf("cup")).toEqual({ sku: "cup", available: 3, reserved: 0, committed: 2 })
})

test("a cancelled order gives its pieces back, paid or not", async () => {
  await inventory().receiveStock({ sku: "cup", quantity: 5 }, seller)
  await reserve("unpaid", 1)
  await reserve("paid", 2)
  await paid("paid")
  for (const orderId of ["unpaid", "paid"]) await cancelled(orderId)
  expect(await levelOf("cup")).toEqual({ sku: "cup", available: 5, reserved: 0, committed: 0 })
})

test("an order that is short of one line reserves none", async () => {
  await inventory().receiveStock({ sku: "cup", quantity: 5 }, seller)
  await inventory().receiveStock({ sku: "jar", quantity: 1 }, seller)
  const lines = [
    { sku: "cup", quantity: 1 },
    { sku: "jar", quantity: 2 },
  ]
  const error = await inventory()
    .reserve({ orderId: "o", lines })
    .catch((caught: unknown) => caught)
  expect(refusalOf(inventoryContract, "reserve", error)).toMatchObject({ code: "OUT_OF_STOCK", details: { sku: "jar", available: 1 } })
  expect((await levelOf("cup")).available).toBe(5)
})

test("lines of the same stock-keeping unit count together", async () => {
  await inventory().receiveStock({ sku: "cup", quantity: 3 }, seller)
  const lines = [
    { sku: "cup", quantity: 2 },
    { sku: "cup", quantity: 2 },
  ]
  const error = await inventory()
    .reserve({ orderId: "o", lines })
    .catch((caught: unknown) => caught)
  expect(refusalOf(inventoryContract, "reserve", error)?.code).toBe("OUT_OF_STOCK")
})

test("of twenty orders for the last piece, one gets it", async () => {
  await inventory().receiveStock({ sku: "cup", quantity: 1 }, seller)
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, number) => reserve(`o${number}`, 1)))
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(1)
  expect(await levelOf("cup")).toEqual({ sku: "cup", available: 0, reserved: 1, committed: 0 })
})

test("reserving again for the same order reserves no more", async () => {
  await inventory().receiveStock({ sku: "cup", quantity: 5 }, seller)
  for (const _ of [1, 2, 3]) await reserve("o", 2)
  expect((await levelOf("cup")).reserved).toBe(2)
})

test("a reservation that comes after its order was cancelled is refused", async () => {
  await inventory().receiveStock({ sku: "cup", quantity: 5 }, seller)
  await cancelled("o")
  const error = await reserve("o", 1).catch((caught: unknown) => caught)
  expect(refusalOf(inventoryContract, "reserve", error)?.code).toBe("ORDER_CANCELLED")
  expect((await levelOf("cup")).available).toBe(5)
})

test("only who sells it, or an admin, adds to a stock", async () => {
  const stranger = { identity: { subject: "stranger", roles: ["partner"] } }
  const refused = [
    await inventory()
      .receiveStock({ sku: "cup", quantity: 1 }, stranger)
      .catch((caught: unknown) => caught),
    await inventory()
      .receiveStock({ sku: "unknown", quantity: 1 }, admin)
      .catch((caught: unknown) => caught),
  ]
  expect(refused.map((error) => refusalOf(inventoryContract, "receiveStock", error)?.code)).toEqual(["SKU_NOT_FOUND", "SKU_NOT_FOUND"])
})

test("stock is shown in the order asked, and none of what is unknown", async () => {
  await inventory().receiveStock({ sku: "cup", quantity: 5 }, seller)
  expect(await inventory().stockOf({ skus: ["jar", "cup"] })).toEqual([
    { sku: "jar", available: 0 },
    { sku: "cup", available: 5 },
  ])
})

const step = fc.record({
  what: fc.constantFrom("reserve", "reserve", "pay", "cancel"),
  orderId: fc.constantFrom("o1", "o2", "o3", "o4"),
  sku: fc.constantFrom("a", "b"),
  quantity: fc.integer({ min: 1, max: 4 }),
})

test("whatever happens at once, no piece is lost, made or sold twice", async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const mark = `r${run++}`
      for (const sku of ["a", "b"]) await inventory().receiveStock({ sku: mark + sku, quantity: 6 }, seller)
      const happen = { reserve: reserveOne, pay: paid, cancel: cancelled }
      await Promise.allSettled(steps.map(({ what, orderId, quantity, sku }) => happen[what](`${mark}${orderId}`, quantity, mark + sku)))
      for (const sku of ["a", "b"]) {
        const { available, reserved, committed } = await levelOf(mark + sku)
        expect(Math.min(available, reserved, committed)).toBeGreaterThanOrEqual(0)
        expect(available + reserved + committed).toBe(6)
      }
    }),
    { numRuns: 40 },
  )
})

const reserveOne = async (orderId: string, quantity: number, sku: string) => void (await reserve(orderId, quantity, sku))

test("how many pieces are where is told to who sells them and to admins, and to nobody else", async () => {
  await inventory().receiveStock({ sku: "cup", quantity: 5 }, seller)
  expect(await inventory().stockLevel({ sku: "cup" }, seller)).toMatchObject({ available: 5 })
  const other = { identity: { subject: "other", roles: ["partner"] } }
  const error = await inventory()
    .stockLevel({ sku: "cup" }, other)
    .catch((caught: unknown) => caught)
  expect(refusalOf(inventoryContract, "stockLevel", error)?.code).toBe("SKU_NOT_FOUND")
})
