import { randomUUID } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { refusalOf } from "@hanok/contract"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import type { EmbeddedPostgres } from "@hanok/postgres/embedded"
import { seamMatrix } from "@hanok/testkit"
import type { Stage } from "@hanok/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { couponContract } from "./modules/coupon/contract.ts"
import { customerContract } from "./modules/customer/contract.ts"
import { deliveryContract } from "./modules/delivery/contract.ts"
import { giftContract } from "./modules/gift/contract.ts"
import { inventoryContract } from "./modules/inventory/contract.ts"
import { itemContract } from "./modules/item/contract.ts"
import { notificationContract } from "./modules/notification/contract.ts"
import { orderContract } from "./modules/order/contract.ts"
import { partnerContract } from "./modules/partner/contract.ts"
import { paymentContract } from "./modules/payment/contract.ts"
import { admin, home, newBuyer, newCoupon, newItem, newSeller, orderOf } from "./testing/people.ts"
import type { As, Buyer } from "./testing/people.ts"

let folder: string
let server: EmbeddedPostgres

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hanok-shop-"))
  server = await createEmbeddedPostgres({ folder: join(folder, "data"), durability: "off" })
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const inMemory = seamMatrix({ topology: new URL("./topologies/memory.ts", import.meta.url) })
const onPostgres = seamMatrix({ topology: new URL("./topologies/merged.ts", import.meta.url) })

// What is kept in memory is lost with its process, and the wire is the same whatever lies behind it.
const ways = [
  ...inMemory.filter(({ name }) => name !== "processes").map(({ name, open }) => ({ name: `in memory, ${name}`, open: () => open() })),
  ...onPostgres
    .filter(({ name }) => name !== "wire")
    .map(({ name, open }) => ({ name: `on PostgreSQL, ${name}`, open: () => open({ env: { DATABASE_URL: server.url } }) })),
]

describe.each(ways)("the shop $name", ({ open }) => {
  let stage: Stage
  let seller: As & { readonly partnerId: string }
  let buyer: Buyer

  beforeAll(async () => {
    stage = await open()
    seller = await newSeller(stage)
    buyer = await newBuyer(stage)
  })
  afterAll(() => stage.close())

  const orders = () => stage.client(orderContract)
  const levelOf = (sku: string) => stage.client(inventoryContract).stockLevel({ sku }, admin)
  const pay = (orderId: string, token = "tok_ok", as = buyer.as) => orders().payOrder({ orderId, method: "card", token }, as)
  const paymentState = async (orderId: string) => (await stage.client(paymentContract).paymentOfOrder({ orderId }, admin)).state
  const subjects = async () =>
    (await stage.client(notificationContract).messagesOfCustomer({ limit: 100 }, buyer.as)).messages.map(({ subject }) => subject)
  const giftTo = { recipientName: "Lee Joon", recipientPhone: "010-9876-5432", message: "Happy birthday" }

  async function paidOrder(itemId: string, rest: Partial<Parameters<typeof orderOf>[2]> = {}) {
    const { orderId } = await orders().placeOrder(orderOf(buyer, itemId, rest), buyer.as)
    return pay(orderId)
  }

  async function paidGift(itemId: string, claimWithinSeconds?: number) {
    const to = { ...giftTo, ...(claimWithinSeconds === undefined ? {} : { claimWithinSeconds }) }
    const { orderId } = await orders().placeOrder({ lines: [{ itemId, quantity: 1 }], giftTo: to }, buyer.as)
    await pay(orderId)
    return stage.until(async () => (await stage.client(giftContract).giftsOfOrder({ orderId }, buyer.as))[0])
  }

  test("an item is found, ordered with a coupon, paid, packed, shipped and delivered, and its buyer is told", async () => {
    const name = `Moon jar ${randomUUID().slice(0, 8)}`
    const { itemId, variants } = await newItem(stage, seller, 5, { name })
    const found = await stage.client(itemContract).items({ text: name })
    expect(found.items.map((item) => item.itemId)).toEqual([itemId])
    const couponId = await newCoupon(stage, buyer)

    const placed = await orders().placeOrder(orderOf(buyer, itemId, { couponId, lines: [{ itemId, quantity: 2 }] }), buyer.as)
    expect(placed).toMatchObject({ state: "INIT", subtotalCents: 4000, discountCents: 400, totalCents: 3600 })
    expect((await pay(placed.orderId)).state).toBe("PAID")

    const { orderId } = placed
    const shipments = stage.client(deliveryContract)
    const { shipmentId } = await stage.until(() => shipments.shipmentOfOrder({ orderId }, buyer.as))
    await shipments.prepareShipment({ shipmentId }, seller)
    expect((await orders().orderById({ orderId }, buyer.as)).state).toBe("PREPARING")
    await shipments.ship({ shipmentId, trackingNumber: "KR-12345" }, seller)
    await shipments.completeDelivery({ shipmentId }, seller)
    await stage.until(async () => (await orders().orderById({ orderId }, buyer.as)).state === "DELIVERY_COMPLETE")
    await stage.until(async () => (await paymentState(orderId)) === "CAPTURED")
    await stage.until(async () => (await levelOf(variants[0]?.sku ?? "")).committed === 2)
    await stage.until(async () => (await subjects()).includes("Your order is on its way"))
  })

  test("a seller's shipments are listed newest first, page after page, and by state", async () => {
    const own = await newSeller(stage)
    const { itemId } = await newItem(stage, own, 3)
    const shipments = stage.client(deliveryContract)
    const ids: string[] = []
    for (let number = 0; number < 3; number++) {
      const { orderId } = await orders().placeOrder(orderOf(buyer, itemId), buyer.as)
      await pay(orderId)
      const { shipmentId } = await stage.until(() => shipments.shipmentOfOrder({ orderId }, buyer.as))
      ids.unshift(shipmentId)
    }
    const listed = async (input: Parameters<typeof shipments.shipmentsOfSeller>[0]) => {
      const page = await shipments.shipmentsOfSeller(input, own)
      return { ids: page.shipments.map(({ shipmentId }) => shipmentId), cursor: page.nextCursor ?? undefined }
    }
    const first = await listed({ limit: 2 })
    expect([first.ids, (await listed({ limit: 2, cursor: first.cursor })).ids]).toEqual([ids.slice(0, 2), ids.slice(2)])
    await shipments.prepareShipment({ shipmentId: ids[1] ?? "" }, own)
    expect((await listed({ state: "PREPARING" })).ids).toEqual([ids[1]])
    expect((await listed({ state: "WAITING" })).ids).toEqual([ids[0], ids[2]])
  })

  test("what was sent is marked as sent", async () => {
    const { itemId } = await newItem(stage, seller, 1)
    await paidOrder(itemId)
    const messages = async () => (await stage.client(notificationContract).messagesOfCustomer({}, buyer.as)).messages
    await stage.until(async () => (await messages()).some(({ state, sentAt }) => state === "SENT" && sentAt !== null))
  })

  test("a declined payment leaves the order to be paid in another way", async () => {
    const { itemId } = await newItem(stage, seller, 1)
    const { orderId } = await orders().placeOrder(orderOf(buyer, itemId), buyer.as)
    const error = await pay(orderId, "tok_decline").catch((caught: unknown) => caught)
    expect(refusalOf(orderContract, "payOrder", error)).toMatchObject({
      code: "PAYMENT_DECLINED",
      details: { reason: "INSUFFICIENT_FUNDS" },
    })
    expect((await orders().orderById({ orderId }, buyer.as)).state).toBe("INIT")
    expect((await pay(orderId)).state).toBe("PAID")
  })

  test("a cancelled order gives money, stock and coupon back", async () => {
    const { itemId, variants } = await newItem(stage, seller, 3)
    const sku = variants[0]?.sku ?? ""
    const couponId = await newCoupon(stage, buyer)
    const { orderId } = await paidOrder(itemId, { couponId })
    expect((await orders().cancelOrder({ orderId }, buyer.as)).state).toBe("CANCELLED")
    await stage.until(async () => ["REFUNDED", "CANCELLED"].includes(await paymentState(orderId)))
    await stage.until(async () => (await levelOf(sku)).available === 3)
    const coupons = () => stage.client(couponContract).couponsOfCustomer({}, buyer.as)
    await stage.until(async () => (await coupons()).find((coupon) => coupon.couponId === couponId)?.redeemed === false)
    expect(await levelOf(sku)).toEqual({ sku, available: 3, reserved: 0, committed: 0 })
  })

  test("cancelling and paying again change nothing", async () => {
    const { itemId } = await newItem(stage, seller, 1)
    const paid = await paidOrder(itemId)
    expect(await pay(paid.orderId)).toEqual(paid)
    const cancelled = await orders().cancelOrder({ orderId: paid.orderId }, buyer.as)
    expect(await orders().cancelOrder({ orderId: paid.orderId }, buyer.as)).toEqual(cancelled)
    const error = await pay(paid.orderId).catch((caught: unknown) => caught)
    expect(refusalOf(orderContract, "payOrder", error)).toMatchObject({ code: "ORDER_NOT_PAYABLE", details: { state: "CANCELLED" } })
  })

  test("a gift is claimed by whoever has its link, and goes to the address they name", async () => {
    const { itemId } = await newItem(stage, seller, 1)
    const { orderId, link } = await paidGift(itemId)
    const gifts = stage.client(giftContract)
    expect(await gifts.giftByLink({ link })).toMatchObject({ state: "OFFERED", recipientName: "Lee Joon", itemNames: ["Celadon cup"] })
    const address = { ...home, recipient: "Lee Joon" }
    const claimed = await gifts.claimGift({ link, address })
    expect(await gifts.claimGift({ link, address: { ...home, street: "elsewhere" } })).toEqual(claimed)
    const shipment = await stage.until(() => stage.client(deliveryContract).shipmentOfOrder({ orderId }, buyer.as))
    expect(shipment.address).toEqual(address)
    await stage.until(async () => (await subjects()).includes("Your gift was claimed"))
  })

  test("a gift that nobody claims expires, and is refunded", async () => {
    const { itemId, variants } = await newItem(stage, seller, 1)
    const { orderId, link } = await paidGift(itemId, 1)
    await stage.until(async () => (await orders().orderById({ orderId }, buyer.as)).cancelReason === "GIFT_EXPIRED", { withinMs: 15_000 })
    await stage.until(async () => (await paymentState(orderId)) === "REFUNDED")
    await stage.until(async () => (await levelOf(variants[0]?.sku ?? "")).available === 1)
    const error = await stage
      .client(giftContract)
      .claimGift({ link, address: home })
      .catch((caught: unknown) => caught)
    expect(refusalOf(giftContract, "claimGift", error)?.code).toMatch(/^GIFT_(EXPIRED|CANCELLED)$/)
    await stage.until(async () => (await subjects()).includes("Your gift was not claimed"))
  })

  test("of twenty orders at once for the last piece, one is placed, and the rest leave nothing behind", async () => {
    const { itemId, variants } = await newItem(stage, seller, 1)
    const sku = variants[0]?.sku ?? ""
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => orders().placeOrder(orderOf(buyer, itemId), buyer.as)))
    const codes = outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? "placed" : refusalOf(orderContract, "placeOrder", outcome.reason)?.code,
    )
    expect(codes.toSorted()).toEqual([...Array.from({ length: 19 }, () => "OUT_OF_STOCK"), "placed"])
    expect(await levelOf(sku)).toEqual({ sku, available: 0, reserved: 1, committed: 0 })
  })

  test("a coupon is redeemed by one of ten orders at once", async () => {
    const { itemId } = await newItem(stage, seller, 20)
    const couponId = await newCoupon(stage, buyer)
    const order = () => orders().placeOrder(orderOf(buyer, itemId, { couponId }), buyer.as)
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, order))
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(1)
    // What the others had reserved is available again.
    await stage.until(async () => (await stage.client(inventoryContract).stockOf({ skus: [itemId] }))[0]?.available === 19)
  })

  test("a customer's coupons stay in their order when one of them is redeemed", async () => {
    const shopper = await newBuyer(stage)
    const { itemId } = await newItem(stage, seller, 1)
    const coupons = stage.client(couponContract)
    await newCoupon(stage, shopper)
    const [{ code } = { code: "" }] = await coupons.couponsOfCustomer({}, shopper.as)
    for (const _ of [1, 2, 3]) await coupons.collectCoupon({ code }, shopper.as)
    const listed = async () => (await coupons.couponsOfCustomer({}, shopper.as)).map(({ couponId }) => couponId)
    const before = await listed()
    await orders().placeOrder(orderOf(shopper, itemId, { couponId: before[0] ?? "" }), shopper.as)
    expect(await listed()).toEqual(before)
    expect(before).toEqual(before.toSorted())
  })

  test("requests with one idempotency key place one order", async () => {
    const { itemId } = await newItem(stage, seller, 10)
    const call = { ...buyer.as, idempotencyKey: randomUUID() }
    const placed = await Promise.all(Array.from({ length: 5 }, () => orders().placeOrder(orderOf(buyer, itemId), call)))
    expect(new Set(placed.map(({ orderId }) => orderId)).size).toBe(1)
    expect((await levelOf(itemId)).reserved).toBe(1)
  })

  test("every reason not to place an order is told", async () => {
    const { itemId } = await newItem(stage, seller, 5)
    const ended = await newItem(stage, seller, 5)
    await stage.client(itemContract).endSale({ itemId: ended.itemId }, seller)
    const other = await newBuyer(stage)
    const couponOfOther = await newCoupon(stage, other)
    const demanding = await newCoupon(stage, buyer, { minimumOrderCents: 1_000_000 })
    const refused: Readonly<Record<string, Parameters<typeof orderOf>[2]>> = {
      ADDRESS_NOT_FOUND: { addressId: other.addressId },
      ITEM_NOT_FOUND: { lines: [{ itemId: "nothing", quantity: 1 }] },
      ITEM_NOT_ON_SALE: { lines: [{ itemId: ended.itemId, quantity: 1 }] },
      UNKNOWN_OPTIONS: { lines: [{ itemId, optionIds: ["9-9"], quantity: 1 }] },
      OUT_OF_STOCK: { lines: [{ itemId, quantity: 6 }] },
      COUPON_NOT_FOUND: { couponId: couponOfOther },
      COUPON_MINIMUM_NOT_REACHED: { couponId: demanding },
    }
    for (const [code, rest] of Object.entries(refused)) {
      const error = await orders()
        .placeOrder(orderOf(buyer, itemId, rest), buyer.as)
        .catch((caught: unknown) => caught)
      expect(refusalOf(orderContract, "placeOrder", error)?.code).toBe(code)
    }
    await stage.until(async () => (await levelOf(itemId)).available === 5)
  })

  test("somebody else's order is not found", async () => {
    const { itemId } = await newItem(stage, seller, 1)
    const { orderId } = await orders().placeOrder(orderOf(buyer, itemId), buyer.as)
    const { as } = await newBuyer(stage)
    const calls = [orders().orderById({ orderId }, as), orders().cancelOrder({ orderId }, as), pay(orderId, "tok_ok", as)]
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code)).toEqual(
      Array.from({ length: 3 }, () => "ORDER_NOT_FOUND"),
    )
  })

  test("a customer's orders come newest first, page by page", async () => {
    const shopper = await newBuyer(stage)
    const { itemId } = await newItem(stage, seller, 10)
    const placed: string[] = []
    for (const _ of [1, 2, 3]) placed.push((await orders().placeOrder(orderOf(shopper, itemId), shopper.as)).orderId)
    const first = await orders().ordersOfCustomer({ limit: 2 }, shopper.as)
    const second = await orders().ordersOfCustomer({ limit: 2, cursor: first.nextCursor ?? "" }, shopper.as)
    const all = [...first.orders, ...second.orders]
    expect(all.map(({ orderId }) => orderId).toSorted()).toEqual(placed.toSorted())
    expect(all.map(({ placedAt }) => placedAt)).toEqual(
      all
        .map(({ placedAt }) => placedAt)
        .toSorted()
        .toReversed(),
    )
    expect(second.nextCursor).toBeNull()
  })

  test("nothing of a disabled partner is sold any more", async () => {
    const disabled = await newSeller(stage)
    const { itemId } = await newItem(stage, disabled, 5)
    await stage.client(partnerContract).disablePartner({ partnerId: disabled.partnerId }, admin)
    const error = await orders()
      .placeOrder(orderOf(buyer, itemId), buyer.as)
      .catch((caught: unknown) => caught)
    expect(refusalOf(orderContract, "placeOrder", error)?.code).toBe("ITEM_NOT_ON_SALE")
    await stage.until(async () => (await stage.client(itemContract).itemById({ itemId })).state === "ENDED")
  })

  test("whoever registers can sign in", async () => {
    const account = { email: `${randomUUID()}@shop.example`, password: "a long enough one" }
    const { customerId } = await stage.client(customerContract).registerCustomer({ ...account, name: "Kim Mina" })
    expect((await stage.client(customerContract).signIn(account)).customerId).toBe(customerId)
  })
})
