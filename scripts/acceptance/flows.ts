import { deepEqual, equal, ok } from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { refusalOf } from "@hanok/contract"
import { couponContract } from "../../examples/shop/modules/coupon/contract.ts"
import { customerContract } from "../../examples/shop/modules/customer/contract.ts"
import { deliveryContract } from "../../examples/shop/modules/delivery/contract.ts"
import { giftContract } from "../../examples/shop/modules/gift/contract.ts"
import { inventoryContract } from "../../examples/shop/modules/inventory/contract.ts"
import { itemContract } from "../../examples/shop/modules/item/contract.ts"
import { notificationContract } from "../../examples/shop/modules/notification/contract.ts"
import { orderContract } from "../../examples/shop/modules/order/contract.ts"
import { paymentContract } from "../../examples/shop/modules/payment/contract.ts"
import { admin, home, newBuyer, newCoupon, newItem, newSeller, orderOf } from "../../examples/shop/testing/people.ts"
import type { As, Buyer } from "../../examples/shop/testing/people.ts"
import type { CustomerSide } from "./customer-side.ts"
import { malformedRequests } from "./malformed.ts"

/** Who takes part in every flow. */
export interface Cast {
  readonly shop: CustomerSide
  readonly seller: As
  readonly buyer: Buyer
}

/** One way of doing business from beginning to end; it rejects when the shop does not do as it should. */
export interface Flow {
  readonly name: string
  /** The operation whose trace is shown; the last request's when not given. */
  readonly traced?: string
  run(cast: Cast): Promise<void>
}

export async function openCast(shop: CustomerSide): Promise<Cast> {
  return { shop, seller: await newSeller(shop), buyer: await newBuyer(shop) }
}

const giftTo = { recipientName: "Lee Joon", recipientPhone: "010-9876-5432", message: "Happy birthday" }

export const flows: readonly Flow[] = [
  { name: "register, sign in and be known", traced: "customer.me", run: register },
  { name: "list and search items", traced: "item.items", run: list },
  { name: "order with a coupon, pay, and have it delivered", traced: "order.placeOrder", run: orderAndDeliver },
  { name: "a declined payment, then another", traced: "order.payOrder", run: decline },
  { name: "a payment that times out is settled by asking the provider", traced: "order.payOrder", run: slowProvider },
  { name: "cancel, and get money, stock and coupon back", traced: "order.cancelOrder", run: cancel },
  { name: "a gift is claimed", traced: "gift.claimGift", run: claim },
  { name: "a gift expires and is refunded", run: expire },
  { name: "twenty orders for the last piece", traced: "order.placeOrder", run: lastPiece },
  { name: "one idempotency key, one order", traced: "order.placeOrder", run: duplicates },
  { name: "every refusal of placing an order", traced: "order.placeOrder", run: refusals },
  { name: "somebody else's order is not found", run: strangers },
  { name: "twenty malformed inputs", run: malformed },
]

const orders = ({ shop }: Cast) => shop.client(orderContract)
const levelOf = ({ shop }: Cast, sku: string) => shop.client(inventoryContract).stockLevel({ sku }, admin)
const paymentState = async ({ shop }: Cast, orderId: string) =>
  (await shop.client(paymentContract).paymentOfOrder({ orderId }, admin)).state
const pay = (cast: Cast, orderId: string, token = "tok_ok") => orders(cast).payOrder({ orderId, method: "card", token }, cast.buyer.as)
const failureOf = (outcome: Promise<unknown>) =>
  outcome.then(
    () => undefined,
    (error: unknown) => error,
  )

async function place(cast: Cast, itemId: string, rest: Parameters<typeof orderOf>[2] = {}) {
  return orders(cast).placeOrder(orderOf(cast.buyer, itemId, rest), cast.buyer.as)
}

async function register({ shop }: Cast): Promise<void> {
  const customers = shop.client(customerContract)
  const account = { email: `${randomUUID()}@shop.example`, password: "a long enough one" }
  const { customerId } = await customers.registerCustomer({ ...account, name: "Kim Mina" })
  const again = await failureOf(customers.registerCustomer({ ...account, name: "Kim Mina" }))
  equal(refusalOf(customerContract, "registerCustomer", again)?.code, "EMAIL_TAKEN")
  const { token } = await customers.signIn(account)
  const response = await fetch(`${shop.url}/me`, { headers: { authorization: `Bearer ${token}` } })
  shop.sawTrace("customer.me", response.headers.get("x-trace-id") ?? "")
  equal(response.status, 200)
  equal(((await response.json()) as { customerId: string }).customerId, customerId)
}

async function list(cast: Cast): Promise<void> {
  const name = `Moon jar ${randomUUID().slice(0, 8)}`
  const { itemId } = await newItem(cast.shop, cast.seller, 1, { name })
  const { items } = await cast.shop.client(itemContract).items({ text: name })
  deepEqual(
    items.map((item) => item.itemId),
    [itemId],
  )
}

async function orderAndDeliver(cast: Cast): Promise<void> {
  const { shop, seller, buyer } = cast
  const { itemId } = await newItem(shop, seller, 5)
  const couponId = await newCoupon(shop, buyer)
  const { orderId, ...placed } = await place(cast, itemId, { couponId, lines: [{ itemId, quantity: 2 }] })
  deepEqual([placed.state, placed.subtotalCents, placed.discountCents, placed.totalCents], ["INIT", 4000, 400, 3600])
  equal((await pay(cast, orderId)).state, "PAID")
  const shipments = shop.client(deliveryContract)
  const { shipmentId } = await shop.until(() => shipments.shipmentOfOrder({ orderId }, buyer.as))
  await shipments.prepareShipment({ shipmentId }, seller)
  await shipments.ship({ shipmentId, trackingNumber: "KR-12345" }, seller)
  await shipments.completeDelivery({ shipmentId }, seller)
  await shop.until(async () => (await orders(cast).orderById({ orderId }, buyer.as)).state === "DELIVERY_COMPLETE")
  await shop.until(async () => (await paymentState(cast, orderId)) === "CAPTURED")
  await shop.until(async () => (await levelOf(cast, itemId)).committed === 2)
  const subjects = async () =>
    (await shop.client(notificationContract).messagesOfCustomer({ limit: 100 }, buyer.as)).messages.map(({ subject }) => subject)
  await shop.until(async () => (await subjects()).includes("Your order is on its way"))
}

async function decline(cast: Cast): Promise<void> {
  const { itemId } = await newItem(cast.shop, cast.seller, 1)
  const { orderId } = await place(cast, itemId)
  const error = await failureOf(pay(cast, orderId, "tok_decline"))
  equal(refusalOf(orderContract, "payOrder", error)?.code, "PAYMENT_DECLINED")
  equal((await orders(cast).orderById({ orderId }, cast.buyer.as)).state, "INIT")
  equal((await pay(cast, orderId)).state, "PAID")
}

async function slowProvider(cast: Cast): Promise<void> {
  const { itemId } = await newItem(cast.shop, cast.seller, 2)
  const slow = await place(cast, itemId)
  equal((await pay(cast, slow.orderId, "tok_slow")).state, "PAID")
  const { orderId } = await place(cast, itemId)
  await failureOf(pay(cast, orderId, "tok_timeout"))
  // Whatever the first answer was, paying again settles it, and once.
  await cast.shop.until(async () => (await pay(cast, orderId, "tok_ok")).state === "PAID")
  await cast.shop.until(async () => (await paymentState(cast, orderId)) === "CAPTURED")
}

async function cancel(cast: Cast): Promise<void> {
  const { shop, seller, buyer } = cast
  const { itemId } = await newItem(shop, seller, 3)
  const couponId = await newCoupon(shop, buyer)
  const { orderId } = await place(cast, itemId, { couponId })
  await pay(cast, orderId)
  equal((await orders(cast).cancelOrder({ orderId }, buyer.as)).state, "CANCELLED")
  await shop.until(async () => ["REFUNDED", "CANCELLED"].includes(await paymentState(cast, orderId)))
  await shop.until(async () => (await levelOf(cast, itemId)).available === 3)
  const coupons = () => shop.client(couponContract).couponsOfCustomer({}, buyer.as)
  await shop.until(async () => (await coupons()).find((coupon) => coupon.couponId === couponId)?.redeemed === false)
}

async function paidGift(cast: Cast, itemId: string, claimWithinSeconds?: number) {
  const to = { ...giftTo, ...(claimWithinSeconds === undefined ? {} : { claimWithinSeconds }) }
  const { orderId } = await orders(cast).placeOrder({ lines: [{ itemId, quantity: 1 }], giftTo: to }, cast.buyer.as)
  await pay(cast, orderId)
  return cast.shop.until(async () => (await cast.shop.client(giftContract).giftsOfOrder({ orderId }, cast.buyer.as))[0])
}

async function claim(cast: Cast): Promise<void> {
  const { itemId } = await newItem(cast.shop, cast.seller, 1)
  const { orderId, link } = await paidGift(cast, itemId)
  const address = { ...home, recipient: "Lee Joon" }
  const gifts = cast.shop.client(giftContract)
  const claimed = await gifts.claimGift({ link, address })
  deepEqual(await gifts.claimGift({ link, address: { ...home, street: "elsewhere" } }), claimed)
  const shipment = await cast.shop.until(() => cast.shop.client(deliveryContract).shipmentOfOrder({ orderId }, cast.buyer.as))
  deepEqual(shipment.address, address)
}

async function expire(cast: Cast): Promise<void> {
  const { itemId } = await newItem(cast.shop, cast.seller, 1)
  const { orderId, link } = await paidGift(cast, itemId, 1)
  const look = async () => (await orders(cast).orderById({ orderId }, cast.buyer.as)).cancelReason === "GIFT_EXPIRED"
  await cast.shop.until(look)
  await cast.shop.until(async () => (await paymentState(cast, orderId)) === "REFUNDED")
  const error = await failureOf(cast.shop.client(giftContract).claimGift({ link, address: home }))
  ok(/^GIFT_(?:EXPIRED|CANCELLED)$/.test(refusalOf(giftContract, "claimGift", error)?.code ?? ""))
}

async function lastPiece(cast: Cast): Promise<void> {
  const { itemId } = await newItem(cast.shop, cast.seller, 1)
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () =>
      place(cast, itemId).then(
        () => "placed",
        (error: unknown) => refusalOf(orderContract, "placeOrder", error)?.code ?? String(error),
      ),
    ),
  )
  deepEqual(outcomes.toSorted(), [...Array.from({ length: 19 }, () => "OUT_OF_STOCK"), "placed"])
  const { available, reserved } = await levelOf(cast, itemId)
  deepEqual([available, reserved], [0, 1])
}

async function duplicates(cast: Cast): Promise<void> {
  const { itemId } = await newItem(cast.shop, cast.seller, 10)
  const call = { ...cast.buyer.as, idempotencyKey: randomUUID() }
  const placed = await Promise.all(Array.from({ length: 5 }, () => orders(cast).placeOrder(orderOf(cast.buyer, itemId), call)))
  equal(new Set(placed.map(({ orderId }) => orderId)).size, 1)
  equal((await levelOf(cast, itemId)).reserved, 1)
}

async function refusals(cast: Cast): Promise<void> {
  const { shop, seller, buyer } = cast
  const { itemId } = await newItem(shop, seller, 5)
  const ended = await newItem(shop, seller, 5)
  await shop.client(itemContract).endSale({ itemId: ended.itemId }, seller)
  const other = await newBuyer(shop)
  const refused: Readonly<Record<string, Parameters<typeof orderOf>[2]>> = {
    ADDRESS_NOT_FOUND: { addressId: other.addressId },
    ITEM_NOT_FOUND: { lines: [{ itemId: "nothing", quantity: 1 }] },
    ITEM_NOT_ON_SALE: { lines: [{ itemId: ended.itemId, quantity: 1 }] },
    UNKNOWN_OPTIONS: { lines: [{ itemId, optionIds: ["9-9"], quantity: 1 }] },
    OUT_OF_STOCK: { lines: [{ itemId, quantity: 6 }] },
    COUPON_NOT_FOUND: { couponId: await newCoupon(shop, other) },
    COUPON_MINIMUM_NOT_REACHED: { couponId: await newCoupon(shop, buyer, { minimumOrderCents: 1_000_000 }) },
  }
  for (const [code, rest] of Object.entries(refused)) {
    equal(refusalOf(orderContract, "placeOrder", await failureOf(place(cast, itemId, rest)))?.code, code)
  }
  await shop.until(async () => (await levelOf(cast, itemId)).available === 5)
}

async function strangers(cast: Cast): Promise<void> {
  const { itemId } = await newItem(cast.shop, cast.seller, 1)
  const { orderId } = await place(cast, itemId)
  const { as } = await newBuyer(cast.shop)
  equal(refusalOf(orderContract, "orderById", await failureOf(orders(cast).orderById({ orderId }, as)))?.code, "ORDER_NOT_FOUND")
}

async function malformed({ shop, buyer }: Cast): Promise<void> {
  const token = await shop.tokenOf(buyer.as.identity)
  for (const { name, method = "GET", path, body, headers = {}, signedIn, status } of malformedRequests) {
    const authorization: Record<string, string> = signedIn ? { authorization: `Bearer ${token}` } : {}
    const response = await fetch(shop.url + path, {
      method,
      headers: { ...headers, ...authorization },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    shop.sawTrace("malformed", response.headers.get("x-trace-id") ?? "")
    ok(status.includes(response.status), `${name}: ${response.status} ${text.slice(0, 200)}`)
    ok(response.headers.get("content-type")?.startsWith("application/problem+json"), `${name} is answered with no problem document`)
    ok(!/\bat .+:\d+:\d+/.test(text), `${name} is answered with a stack`)
  }
}
