import type { Random } from "../../../examples/shop/load/random.ts"
import type { Entry } from "./books.ts"
import type { Desk } from "./desk.ts"
import { friendsHomeOf, receive } from "./furnish.ts"
import type { Customer, Furnished, Seller, Ware } from "./furnish.ts"

/** Somebody in the shop, and what they remember. */
export interface Visitor {
  readonly customer: Customer
  readonly random: Random
  /** Collected, and not given to an order. */
  couponIds: string[]
  /** Paid for. */
  orderIds: string[]
  /** Gifts paid for and not handed on. */
  giftOrderIds: string[]
}

export interface Mall {
  readonly desk: Desk
  readonly furnished: Furnished
}

export type Action = (mall: Mall, visitor: Visitor) => Promise<void>

/** How often each thing is done. */
export const weights = {
  browse: 30,
  look: 28,
  order: 15,
  gift: 4,
  handOn: 4,
  coupon: 4,
  orders: 8,
  cancel: 2,
  sell: 6,
  restock: 0.5,
} as const

export const actions: Readonly<Record<keyof typeof weights, Action>> = {
  browse,
  look,
  order,
  gift,
  handOn,
  coupon,
  orders,
  cancel,
  sell,
  restock,
}

const remembered = 12

export function createVisitor(customer: Customer, random: Random): Visitor {
  return { customer, random, couponIds: [], orderIds: [], giftOrderIds: [] }
}

async function browse({ desk }: Mall): Promise<void> {
  await desk.query("items", "/items?limit=20")
}

async function look({ desk, furnished }: Mall, { random }: Visitor): Promise<void> {
  const ware = wareFor(furnished, random)
  await desk.query("itemById", `/items/${ware.itemId}`)
  await desk.query("stockOf", `/stock?skus=${ware.sku}`)
}

async function orders({ desk }: Mall, { customer, orderIds, random }: Visitor): Promise<void> {
  await desk.query("ordersOfCustomer", "/orders?limit=10", customer.customerId)
  const orderId = random.pick(orderIds)
  if (orderId !== undefined) await desk.query("orderById", `/orders/${orderId}`, customer.customerId)
}

async function order(mall: Mall, visitor: Visitor): Promise<void> {
  const couponId = visitor.random.chance(0.7) ? visitor.couponIds.shift() : undefined
  const rest = { addressId: visitor.customer.addressId, ...(couponId === undefined ? {} : { couponId }) }
  // Some try to use a coupon for two orders.
  const cheats = couponId !== undefined && visitor.random.chance(0.15)
  const placed = await Promise.all([place(mall, visitor, rest), ...(cheats ? [place(mall, visitor, rest)] : [])])
  for (const orderId of placed) if (orderId !== undefined && visitor.random.chance(0.93)) await payFor(mall, visitor, orderId)
}

async function gift(mall: Mall, visitor: Visitor): Promise<void> {
  const claimWithinSeconds = visitor.random.chance(0.3) ? visitor.random.between(1, 4) : 3_600
  const giftTo = { recipientName: "Lee Joon", recipientPhone: "010-9876-5432", message: "For you", claimWithinSeconds }
  const orderId = await place(mall, visitor, { giftTo })
  if (orderId === undefined) return
  if (await payFor(mall, visitor, orderId)) visitor.giftOrderIds = [...visitor.giftOrderIds, orderId].slice(-remembered)
}

async function handOn({ desk }: Mall, visitor: Visitor): Promise<void> {
  const orderId = visitor.giftOrderIds.shift()
  if (orderId === undefined) return
  const { body: gifts } = await desk.query("giftsOfOrder", `/orders/${orderId}/gifts`, visitor.customer.customerId)
  const link = Array.isArray(gifts) ? (gifts[0] as { readonly link?: string } | undefined)?.link : undefined
  if (link === undefined || visitor.random.chance(0.2)) return
  const body = { address: friendsHomeOf(orderId) }
  await desk.command({ ...own(visitor), kind: "claimGift", path: `/gifts/${link}/claim`, body, about: orderId })
}

async function coupon({ desk, furnished }: Mall, visitor: Visitor): Promise<void> {
  const code = visitor.random.pick(furnished.couponRules)?.code ?? ""
  const entry = await desk.command({ ...own(visitor), kind: "collectCoupon", path: "/me/coupons", body: { code }, about: code })
  const couponId = textIn(entry, "couponId")
  if (couponId !== undefined) visitor.couponIds = [...visitor.couponIds, couponId].slice(-remembered)
}

async function cancel({ desk }: Mall, visitor: Visitor): Promise<void> {
  const orderId = visitor.orderIds.pop()
  if (orderId === undefined) return
  await desk.command({ ...own(visitor), kind: "cancelOrder", path: `/orders/${orderId}/cancel`, body: {}, about: orderId })
}

// A seller moves one of its shipments on by a step, or by all.
async function sell({ desk, furnished }: Mall, { random }: Visitor): Promise<void> {
  const seller = random.pick(furnished.sellers)
  if (!seller) return
  const state = random.pick(["WAITING", "PREPARING", "SHIPPED"] as const)
  const { body } = await desk.query("shipmentsOfSeller", `/shipments?state=${state}&limit=10`, seller.customerId)
  const list = (body as { readonly shipments?: readonly { readonly shipmentId: string; readonly orderId: string }[] } | undefined)
    ?.shipments
  const shipment = random.pick(list ?? [])
  if (shipment) await moveOn(desk, seller, shipment, ["WAITING", "PREPARING", "SHIPPED"].indexOf(state ?? ""))
}

const steps = [
  { kind: "prepareShipment", verb: "prepare", body: {} },
  { kind: "ship", verb: "ship", body: { trackingNumber: "KR-12345" } },
  { kind: "completeDelivery", verb: "complete", body: {} },
] as const

async function moveOn(desk: Desk, seller: Seller, shipment: { readonly shipmentId: string; readonly orderId: string }, from: number) {
  const subject = seller.customerId
  for (const { kind, verb, body } of steps.slice(from)) {
    const path = `/shipments/${shipment.shipmentId}/${verb}`
    const entry = await desk.command({ kind, subject, path, body, about: shipment.orderId })
    if (entry.answer?.kind !== "acknowledged") return
  }
}

async function restock({ desk, furnished }: Mall, { random }: Visitor): Promise<void> {
  const ware = random.pick(furnished.wares.filter(({ scarce }) => scarce))
  const seller = furnished.sellers.find(({ partnerId }) => partnerId === ware?.partnerId)
  if (ware && seller) await receive(desk, ware, seller.customerId, random.between(1, 9))
}

async function place({ desk, furnished }: Mall, visitor: Visitor, rest: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  const { random } = visitor
  const first = wareFor(furnished, random)
  const second = random.chance(0.25) ? wareFor(furnished, random) : undefined
  const lines = [first, ...(second && second !== first ? [second] : [])].map(({ itemId }) => ({ itemId, quantity: random.between(1, 3) }))
  const entry = await desk.command({ ...own(visitor), kind: "placeOrder", path: "/orders", body: { lines, ...rest }, about: "" })
  return textIn(entry, "orderId")
}

const tokens = { tok_ok: 90, tok_decline: 5, tok_slow: 4, tok_timeout: 1 } as const

async function payFor({ desk }: Mall, visitor: Visitor, orderId: string): Promise<boolean> {
  const path = `/orders/${orderId}/payment`
  for (const method of ["card", "bankTransfer"]) {
    const body = { method, token: visitor.random.weighted(tokens) }
    const entry = await desk.command({ ...own(visitor), kind: "payOrder", path, body, about: orderId })
    if (entry.answer?.kind === "acknowledged") {
      visitor.orderIds = [...visitor.orderIds, orderId].slice(-remembered)
      return true
    }
    if (entry.answer?.code !== "PAYMENT_DECLINED" || visitor.random.chance(0.3)) return false
  }
  return false
}

function own({ customer }: Visitor) {
  return { subject: customer.customerId }
}

function wareFor({ wares }: Furnished, random: Random): Ware {
  const ware = random.pick(random.chance(0.1) ? wares.filter(({ scarce }) => scarce) : wares)
  if (!ware) throw new Error("There is nothing on sale.")
  return ware
}

function textIn({ answer }: Entry, field: string): string | undefined {
  if (answer?.kind !== "acknowledged" || typeof answer.body !== "object" || answer.body === null) return undefined
  const value = (answer.body as Readonly<Record<string, unknown>>)[field]
  return typeof value === "string" ? value : undefined
}
