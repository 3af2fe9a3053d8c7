import { friendsHomeOf, homeOf } from "../business/furnish.ts"
import type { Facts, OrderFact } from "./facts.ts"
import type { Line, Promised, PromisedOrder } from "./promised.ts"

/** What became of an order. */
export type Course = "unpaid" | "paid" | "delivered" | "cancelled" | "refunded" | "gift claimed" | "gift expired"
export const courses: readonly Course[] = ["unpaid", "paid", "delivered", "cancelled", "refunded", "gift claimed", "gift expired"]

export interface World {
  readonly promised: Promised
  readonly facts: Facts
}

const states: Readonly<Record<Course, OrderFact["state"]>> = {
  unpaid: "INIT",
  paid: "PAID",
  delivered: "DELIVERY_COMPLETE",
  cancelled: "CANCELLED",
  refunded: "CANCELLED",
  "gift claimed": "PAID",
  "gift expired": "CANCELLED",
}
const partnerId = "partner"
const received = 1_000
const priceCents = 1_500
const discountCents = 150

/** A shop that has kept all its promises about orders that took these courses. Every second one was bought with a coupon. */
export function worldOf(taken: readonly Course[]): World {
  const orders = taken.map((course, number) => orderOf(course, number))
  const sold = orders.filter(({ state }) => ["PAID", "DELIVERY_COMPLETE"].includes(state))
  const pieces = (some: readonly OrderFact[]) => some.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0)
  const [reserved, committed] = [pieces(orders.filter(({ state }) => state === "INIT")), pieces(sold)]
  const level = { sku: "sku", reserved, committed, available: received - reserved - committed }
  const ids = (...some: readonly Course[]) => new Set(orders.filter((_, number) => some.includes(taken[number] ?? "paid")).map(idOf))
  const facts: Facts = {
    orders,
    payments: orders.filter(({ wasPaid }) => wasPaid).map((order) => moneyOf(order, "CAPTURED", "REFUNDED")),
    charges: orders.filter(({ wasPaid }) => wasPaid).map((order) => moneyOf(order, "TAKEN", "RETURNED")),
    levels: [level],
    coupons: orders.flatMap(({ couponId, customerId, orderId, state }) =>
      couponId === null ? [] : [{ couponId, customerId, orderId: state === "CANCELLED" ? null : orderId }],
    ),
    gifts: orders.flatMap((order) =>
      order.isGift ? [{ giftId: `gift-${order.orderId}`, orderId: order.orderId, state: giftStateOf(order) }] : [],
    ),
    shipments: orders.flatMap(shipmentOf),
    occasions: orders.flatMap(occasionsOf),
    sales: orders
      .filter(({ wasPaid }) => wasPaid)
      .map(({ orderId, lines, state }) => ({ orderId, partnerId, cancelled: state === "CANCELLED", cents: grossOf(lines) })),
    undelivered: [],
    shown: {
      orders: orders.map(({ orderId, customerId, state, totalCents }) => ({ orderId, customerId, state, totalCents })),
      levels: [level],
      settlements: [{ partnerId, salesCount: sold.length, grossCents: sold.reduce((sum, { lines }) => sum + grossOf(lines), 0) }],
    },
  }
  const paid = ids("paid", "delivered", "refunded", "gift claimed", "gift expired")
  const promised: Promised = {
    orders: orders.map(promiseOf),
    coupons: facts.coupons.map((coupon) => ({ ...coupon, discount: { kind: "amount", amountCents: discountCents } as const })),
    paid,
    payAsked: paid,
    cancelled: ids("cancelled", "refunded"),
    cancelAsked: ids("cancelled", "refunded"),
    claimed: ids("gift claimed"),
    prepared: ids("delivered"),
    shipped: ids("delivered"),
    delivered: ids("delivered"),
    received: new Map([["sku", received]]),
    prices: new Map([["sku", priceCents]]),
    contradictions: [],
  }
  return { promised, facts }
}

function orderOf(course: Course, number: number): OrderFact {
  const quantity = 1 + (number % 3)
  const lines: readonly Line[] = [{ itemId: "item", sku: "sku", partnerId, quantity, unitPriceCents: priceCents }]
  const hasCoupon = number % 2 === 1
  const reasons: Partial<Record<Course, string>> = { cancelled: "CUSTOMER", refunded: "CUSTOMER", "gift expired": "GIFT_EXPIRED" }
  return {
    orderId: `order-${number}`,
    customerId: `customer-${number % 4}`,
    state: states[course],
    lines,
    discountCents: hasCoupon ? discountCents : 0,
    totalCents: grossOf(lines) - (hasCoupon ? discountCents : 0),
    couponId: hasCoupon ? `coupon-${number}` : null,
    isGift: course.startsWith("gift"),
    wasPaid: course !== "unpaid" && course !== "cancelled",
    cancelReason: reasons[course] ?? null,
    wasClaimed: course === "gift claimed",
  }
}

function promiseOf({ orderId, customerId, lines, totalCents, couponId, isGift }: OrderFact): PromisedOrder {
  const asked = { lines: lines.map(({ itemId, quantity }) => ({ itemId, quantity })), couponId, isGift }
  return { orderId, customerId, lines, totalCents, asked }
}

function shipmentOf({ orderId, customerId, state, wasPaid, isGift, wasClaimed }: OrderFact): Facts["shipments"] {
  const { street } = isGift ? friendsHomeOf(orderId) : homeOf(customerId)
  const shipment = { shipmentId: `shipment-${orderId}`, orderId, street }
  if (state === "CANCELLED") return wasPaid ? [{ ...shipment, state: "CANCELLED" }] : []
  if (!wasPaid || (isGift && !wasClaimed)) return []
  return [{ ...shipment, state: state === "DELIVERY_COMPLETE" ? "DELIVERED" : "WAITING" }]
}

function occasionsOf(order: OrderFact): readonly string[] {
  const { orderId, state, wasPaid, isGift, wasClaimed } = order
  return [
    ...(wasPaid ? [`paid ${orderId}`] : []),
    ...(state === "CANCELLED" ? [`cancelled ${orderId}`] : []),
    ...(isGift ? [`offered gift-${orderId}`, `${wasClaimed ? "claimed" : "expired"} gift-${orderId}`] : []),
    ...(state === "DELIVERY_COMPLETE" ? [`shipped shipment-${orderId}`] : []),
  ]
}

function giftStateOf({ wasClaimed }: OrderFact): string {
  return wasClaimed ? "CLAIMED" : "EXPIRED"
}

function moneyOf({ orderId, totalCents, state }: OrderFact, kept: string, returned: string) {
  return { orderId, amountCents: totalCents, state: state === "CANCELLED" ? returned : kept }
}

function idOf({ orderId }: OrderFact): string {
  return orderId
}

function grossOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { quantity, unitPriceCents }) => sum + quantity * unitPriceCents, 0)
}
