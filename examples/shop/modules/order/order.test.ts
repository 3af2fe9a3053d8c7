import { defineAdapter, Fault, isFault, refusalOf } from "@hanok/contract"
import type { Adapter } from "@hanok/contract"
import { createSlice, fake } from "@hanok/testkit"
import type { Fake, Slice } from "@hanok/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Clock } from "../../kernel/clock.ts"
import { couponContract } from "../coupon/contract.ts"
import { customerContract } from "../customer/contract.ts"
import { deliveryContract } from "../delivery/contract.ts"
import { giftContract } from "../gift/contract.ts"
import { inventoryContract } from "../inventory/contract.ts"
import { itemContract } from "../item/contract.ts"
import { paymentContract } from "../payment/contract.ts"
import { orderContract } from "./contract.ts"
import { orderModule } from "./module.ts"
import type { OrderStore } from "./store.ts"
import { orderStoreInMemory } from "./store.memory.ts"

const buyer = { identity: { subject: "c", roles: ["customer"] } }
const home = { recipient: "Mina", phone: "010-1234-5678", postalCode: "04524", street: "Sejong-daero 110", detail: "5F" }
const giftTo = { recipientName: "Joon", recipientPhone: "010-9876-5432" }
const lines = [{ itemId: "cup", quantity: 2 }]

let now: number
let inventory: Fake<typeof inventoryContract>
let item: Fake<typeof itemContract>
let coupon: Fake<typeof couponContract>
let payment: Fake<typeof paymentContract>
let slice: Slice
/** Set, the journal is away for the next answer that it is to keep. */
let isAway: boolean
/** Orders that were overdue when they were looked for. */
let wereOverdue: string[]
let looksForOverdue: number

/** The store, whose journal may be away, and in which orders may change behind whoever looks for those that are overdue. */
const store: Adapter<OrderStore> = {
  ...orderStoreInMemory,
  async create(host) {
    const filled = await orderStoreInMemory.create(host)
    const { journal } = filled
    if (!journal) return filled
    const read: OrderStore["read"] = (context) => {
      const reads = filled.port.read(context)
      const overdue: typeof reads.overdue = async (...asked) => {
        looksForOverdue++
        return [...wereOverdue, ...(await reads.overdue(...asked))]
      }
      return { ...reads, overdue }
    }
    const finish: typeof journal.finish = async (...asked) => {
      if (!isAway) return journal.finish(...asked)
      isAway = false
      throw new Fault("UNAVAILABLE", "the journal is away")
    }
    return { ...filled, port: { ...filled.port, read }, journal: { ...journal, finish } }
  },
}

const clock = defineAdapter<Clock>("clock at hand", () => ({ now: () => new Date(now) }))

beforeEach(async () => {
  now = Date.parse("2026-05-01T12:00:00.000Z")
  isAway = false
  wereOverdue = []
  looksForOverdue = 0
  inventory = fake(inventoryContract, { reserve: () => ({}) })
  coupon = fake(couponContract, { redeemCoupon: () => ({ discountCents: 500 }) })
  payment = fake(paymentContract, {
    authorise: (asked) => ({ ...asked, state: "AUTHORISED", declineReason: null, updatedAt: new Date(now).toISOString() }),
  })
  const customer = fake(customerContract, { addressById: ({ addressId }) => ({ addressId, ...home }) })
  item = fake(itemContract, {
    priceOfSelection: ({ selections }) =>
      selections.map(({ itemId }) => ({
        itemId,
        sku: itemId,
        partnerId: "p",
        sellerId: "s",
        name: itemId,
        label: "",
        unitPriceCents: 1000,
      })),
  })
  slice = await createSlice(orderModule, {
    needs: { store, clock },
    fakes: [customer, item, inventory, coupon, payment],
  })
})
afterEach(() => slice.close())

const orders = () => slice.client(orderContract)
const place = (rest: object = {}, key?: string) =>
  orders().placeOrder({ lines, addressId: "home", ...rest }, { ...buyer, ...(key === undefined ? {} : { idempotencyKey: key }) })
const pay = (orderId: string) => orders().payOrder({ orderId, method: "card", token: "tok_ok" }, buyer)
const stateOf = async (orderId: string) => (await orders().orderById({ orderId }, buyer)).state
const cancelled = () => slice.eventsOf(orderContract, "orderCancelled")
const paidOrder = async (rest: object = {}) => (await pay((await place(rest)).orderId)).orderId

test("an order costs what its lines cost, less the coupon", async () => {
  const order = await place({ couponId: "k", lines: [...lines, { itemId: "jar", quantity: 1 }] })
  expect(order).toMatchObject({ state: "INIT", subtotalCents: 3000, discountCents: 500, totalCents: 2500, address: home })
  expect(coupon.calls[0]?.input).toEqual({ couponId: "k", customerId: "c", orderId: order.orderId, totalCents: 3000 })
})

test("an order is for an address or a gift, not both and not neither", async () => {
  for (const rest of [{ addressId: undefined }, { giftTo }]) {
    const error = await place(rest).catch((caught: unknown) => caught)
    expect(isFault(error, "INVALID_INPUT") && error.issues.map(({ field }) => field)).toEqual(["/addressId"])
  }
})

test("an order whose coupon is refused is withdrawn, so that its stock is released", async () => {
  coupon.answer({
    redeemCoupon(_, context) {
      throw context.refusal("COUPON_ALREADY_REDEEMED", {})
    },
  })
  const error = await place({ couponId: "k" }).catch((caught: unknown) => caught)
  expect(refusalOf(orderContract, "placeOrder", error)?.code).toBe("COUPON_ALREADY_REDEEMED")
  await slice.until(() => cancelled().length > 0)
  expect(cancelled()).toMatchObject([{ reason: "NOT_PLACED", stateBefore: "PLACING", couponId: "k" }])
  expect((await orders().ordersOfCustomer({}, buyer)).orders).toEqual([])
  const orderId = cancelled()[0]?.orderId ?? ""
  for (const call of [stateOf(orderId), pay(orderId), orders().cancelOrder({ orderId }, buyer)]) {
    await expect(call).rejects.toMatchObject({ code: "ORDER_NOT_FOUND" })
  }
})

test("orders that were never placed take no room in a page", async () => {
  const { orderId } = await place()
  now += 1000
  inventory.answer({
    reserve({ lines: [first] }, context) {
      throw context.refusal("OUT_OF_STOCK", { sku: first?.sku ?? "", available: 0 })
    },
  })
  await place().catch(() => undefined)
  expect((await orders().ordersOfCustomer({ limit: 1 }, buyer)).orders.map((order) => order.orderId)).toEqual([orderId])
})

test("a repetition after a fault goes on with the same order", async () => {
  const reserved: string[] = []
  inventory.answer({
    reserve({ orderId }) {
      reserved.push(orderId)
      if (reserved.length === 1) throw new Fault("UNAVAILABLE", "inventory is away")
      return {}
    },
  })
  const error = await place({}, "k1").catch((caught: unknown) => caught)
  expect(isFault(error, "UNAVAILABLE")).toBe(true)
  const order = await place({}, "k1")
  expect(reserved).toEqual([order.orderId, order.orderId])
  expect((await orders().ordersOfCustomer({}, buyer)).orders.length).toBe(1)
})

test("a repetition tells of the order that was placed, also when nothing of it is sold any more", async () => {
  isAway = true
  const error = await place({}, "k1").catch((caught: unknown) => caught)
  expect(isFault(error, "UNAVAILABLE")).toBe(true)
  item.answer({
    priceOfSelection(_, context) {
      throw context.refusal("ITEM_NOT_ON_SALE", { itemId: "cup" })
    },
  })
  const { orderId } = await place({}, "k1")
  expect((await orders().ordersOfCustomer({}, buyer)).orders.map((order) => order.orderId)).toEqual([orderId])
})

test("an order whose placing nobody finishes is cancelled after a while", async () => {
  inventory.answer({
    reserve() {
      throw new Fault("UNAVAILABLE", "inventory is away")
    },
  })
  await place({}, "k1").catch(() => undefined)
  now += 61_000
  await slice.until(() => cancelled().length > 0)
  expect(cancelled()).toMatchObject([{ reason: "NOT_PLACED", stateBefore: "PLACING" }])
  inventory.answer({ reserve: () => ({}) })
  const error = await place({}, "k1").catch((caught: unknown) => caught)
  expect(refusalOf(orderContract, "placeOrder", error)?.code).toBe("ORDER_ABANDONED")
})

test("an order that is not paid in time is cancelled", async () => {
  const { orderId } = await place()
  now += 1801_000
  await slice.until(() => cancelled().length > 0)
  expect(await stateOf(orderId)).toBe("CANCELLED")
  expect(cancelled()).toMatchObject([{ orderId, reason: "UNPAID", stateBefore: "INIT" }])
})

test("an order that was overdue and is paid before it is cancelled stays", async () => {
  const orderId = await paidOrder()
  wereOverdue = [orderId]
  const before = looksForOverdue
  // Of two looks the first one's work is done.
  await slice.until(() => looksForOverdue > before + 1)
  expect(await stateOf(orderId)).toBe("PAID")
})

test("an order that is cancelled while it is being paid is not paid", async () => {
  const { orderId } = await place()
  payment.answer({
    async authorise(asked) {
      await orders().cancelOrder({ orderId }, buyer)
      return { ...asked, state: "AUTHORISED", declineReason: null, updatedAt: new Date(now).toISOString() }
    },
  })
  const error = await pay(orderId).catch((caught: unknown) => caught)
  expect(refusalOf(orderContract, "payOrder", error)).toMatchObject({ code: "ORDER_NOT_PAYABLE", details: { state: "CANCELLED" } })
  expect(payment.calls.length).toBe(1)
  expect(slice.eventsOf(orderContract, "orderPaid")).toEqual([])
})

test("paying twice at once tells it once", async () => {
  const { orderId } = await place()
  const paid = await Promise.all([pay(orderId), pay(orderId), pay(orderId)])
  expect(paid.map(({ state }) => state)).toEqual(["PAID", "PAID", "PAID"])
  await pay(orderId)
  await orders().cancelOrder({ orderId }, buyer)
  // Of the same order, and written after all that paying it has told.
  await slice.until(() => cancelled().length > 0)
  expect(slice.eventsOf(orderContract, "orderPaid")).toMatchObject([{ orderId }])
})

test("from being prepared to being delivered an order cannot be cancelled", async () => {
  const orderId = await paidOrder()
  const moved = { shipmentId: "sh", orderId, customerId: "c", trackingNumber: "KR-12345" }
  const refused = async () => {
    const error = await orders()
      .cancelOrder({ orderId }, buyer)
      .catch((caught: unknown) => caught)
    return refusalOf(orderContract, "cancelOrder", error)?.details
  }
  await orders().startPreparing({ orderId })
  expect(await refused()).toEqual({ state: "PREPARING" })
  await slice.tell(deliveryContract, "shipmentShipped", moved)
  expect(await refused()).toEqual({ state: "SHIPPED" })
  await slice.tell(deliveryContract, "shipmentDelivered", moved)
  expect(await refused()).toEqual({ state: "DELIVERY_COMPLETE" })
})

test("an order has arrived, also when it is told late that it was on its way", async () => {
  const orderId = await paidOrder()
  const moved = { shipmentId: "sh", orderId, customerId: "c", trackingNumber: "KR-12345" }
  await orders().startPreparing({ orderId })
  await slice.tell(deliveryContract, "shipmentDelivered", moved)
  await slice.tell(deliveryContract, "shipmentShipped", moved)
  expect(await stateOf(orderId)).toBe("DELIVERY_COMPLETE")
})

test("an order that was cancelled is not prepared", async () => {
  const orderId = await paidOrder()
  await orders().cancelOrder({ orderId }, buyer)
  const error = await orders()
    .startPreparing({ orderId })
    .catch((caught: unknown) => caught)
  expect(refusalOf(orderContract, "startPreparing", error)).toMatchObject({ code: "ORDER_NOT_PREPARABLE", details: { state: "CANCELLED" } })
})

test("a gift is its sender's to cancel until it is claimed", async () => {
  const orderId = await paidOrder({ addressId: undefined, giftTo })
  const offer = { giftId: "g", orderId, senderId: "c", recipientName: "Joon" }
  await slice.tell(giftContract, "giftClaimed", { ...offer, address: home, claimedAt: "2026-05-01T12:00:00.000Z" })
  const error = await orders()
    .cancelOrder({ orderId }, buyer)
    .catch((caught: unknown) => caught)
  expect(refusalOf(orderContract, "cancelOrder", error)?.code).toBe("ORDER_NOT_CANCELLABLE")
})

test("the order of a gift that expired is cancelled", async () => {
  const orderId = await paidOrder({ addressId: undefined, giftTo })
  const expired = { giftId: "g", orderId, senderId: "c", recipientName: "Joon", expiredAt: "2026-05-08T12:00:00.000Z" }
  await slice.tell(giftContract, "giftExpired", expired)
  expect(await orders().orderById({ orderId }, buyer)).toMatchObject({ state: "CANCELLED", cancelReason: "GIFT_EXPIRED" })
})

test("an order that was cancelled is not paid, cancelled a second time or cancelled for its gift", async () => {
  const orderId = await paidOrder({ addressId: undefined, giftTo })
  const order = await orders().cancelOrder({ orderId }, buyer)
  expect(order).toMatchObject({ state: "CANCELLED", cancelReason: "CUSTOMER" })
  const error = await pay(orderId).catch((caught: unknown) => caught)
  expect(refusalOf(orderContract, "payOrder", error)).toMatchObject({ code: "ORDER_NOT_PAYABLE", details: { state: "CANCELLED" } })
  const gone = { giftId: "g", orderId, senderId: "c", recipientName: "Joon", expiredAt: "2026-05-08T12:00:00.000Z" }
  await slice.tell(giftContract, "giftExpired", gone)
  expect(await orders().cancelOrder({ orderId }, buyer)).toEqual(order)
})

test("an order that is being prepared may be told so again", async () => {
  const orderId = await paidOrder()
  for (const _ of [1, 2]) await orders().startPreparing({ orderId })
  expect(await stateOf(orderId)).toBe("PREPARING")
})
