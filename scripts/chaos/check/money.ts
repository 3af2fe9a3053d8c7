import type { Discount } from "../business/furnish.ts"
import { isSold, isVisible } from "./facts.ts"
import type { Facts, OrderFact } from "./facts.ts"
import { grouped } from "./finding.ts"
import type { Finding } from "./finding.ts"
import type { Promised, PromisedCoupon } from "./promised.ts"

/** The provider has taken exactly what is sold, the payments say the same, and the partners' sums add up; to the cent. */
export function checkMoney(promised: Promised, facts: Facts): readonly Finding[] {
  const chargesOf = grouped(facts.charges, ({ orderId }) => orderId)
  const paymentOf = grouped(facts.payments, ({ orderId }) => orderId)
  const known = new Set(facts.orders.map(({ orderId }) => orderId))
  const coupons = new Map(promised.coupons.map((coupon) => [coupon.couponId, coupon]))
  const told = new Map(promised.orders.map((order) => [order.orderId, order.totalCents]))
  const strays = facts.charges.filter(({ orderId, state }) => !known.has(orderId) && isKept(state))
  return [
    ...facts.orders.flatMap((order) => [
      ...takenWrongly(promised, order, chargesOf(order.orderId)),
      ...paidWrongly(order, paymentOf(order.orderId)),
      ...pricedWrongly(promised, order, told.get(order.orderId)),
      ...discountedWrongly(promised, order, coupons.get(order.couponId ?? "")),
    ]),
    ...strays.map(({ orderId, amountCents }) => off(amountCents, `the provider keeps money of ${orderId}, which does not exist`)),
    ...settledWrongly(facts),
  ]
}

function off(cents: number, what: string): Finding {
  return { measure: "money_off_cents", amount: Math.abs(cents), what }
}

function isKept(state: string): boolean {
  return state === "HELD" || state === "TAKEN"
}

function takenWrongly({ payAsked }: Promised, order: OrderFact, charges: Facts["charges"]): readonly Finding[] {
  const { orderId, state, totalCents } = order
  const dueCents = isSold(order) ? totalCents : 0
  const sum = (wanted: string) =>
    charges.filter((charge) => charge.state === wanted).reduce((cents, { amountCents }) => cents + amountCents, 0)
  const takenCents = sum("TAKEN")
  const heldCents = sum("HELD")
  return [
    ...(takenCents === dueCents ? [] : [off(takenCents - dueCents, `${orderId} (${state}): ${takenCents} taken where ${dueCents} is due`)]),
    ...(heldCents === 0 ? [] : [off(heldCents, `${orderId} (${state}): ${heldCents} is still held`)]),
    ...(dueCents > 0 && !payAsked.has(orderId) ? [off(dueCents, `${orderId} was paid for, and nobody has asked for that`)] : []),
  ]
}

function paidWrongly(order: OrderFact, payments: Facts["payments"]): readonly Finding[] {
  const capturedCents = payments.filter(({ state }) => state === "CAPTURED").reduce((cents, { amountCents }) => cents + amountCents, 0)
  const dueCents = isSold(order) ? order.totalCents : 0
  const open = order.state === "CANCELLED" ? payments.filter(({ state }) => state !== "CANCELLED" && state !== "REFUNDED") : []
  const what = `${order.orderId} (${order.state}): its payment`
  return [
    ...(capturedCents === dueCents ? [] : [off(capturedCents - dueCents, `${what} says ${capturedCents} where ${dueCents} is due`)]),
    ...open.map(({ amountCents, state }) => off(amountCents, `${what} is ${state}`)),
  ]
}

function pricedWrongly({ prices }: Promised, order: OrderFact, toldCents: number | undefined): readonly Finding[] {
  const { orderId, discountCents, totalCents } = order
  const subtotalCents = subtotalOf(prices, order)
  const differs = subtotalCents - discountCents - totalCents
  return [
    ...(differs === 0 ? [] : [off(differs, `${orderId}: ${totalCents} is not ${subtotalCents} less ${discountCents}`)]),
    ...(toldCents === undefined || toldCents === totalCents
      ? []
      : [off(toldCents - totalCents, `${orderId}: its customer was told ${toldCents}`)]),
  ]
}

// An order that was not placed has no discount yet.
function discountedWrongly({ prices }: Promised, order: OrderFact, coupon: PromisedCoupon | undefined): readonly Finding[] {
  const { orderId, discountCents, couponId } = order
  const dueCents = coupon && isVisible(order) ? discountOf(coupon.discount, subtotalOf(prices, order)) : 0
  if (discountCents === dueCents) return []
  return [off(discountCents - dueCents, `${orderId}: ${couponId ?? "no coupon"} takes off ${discountCents} where ${dueCents} is due`)]
}

function discountOf(discount: Discount, subtotalCents: number): number {
  if (discount.kind === "amount") return Math.min(discount.amountCents, subtotalCents)
  return Math.min(Math.floor((subtotalCents * discount.percent) / 100), discount.atMostCents)
}

function subtotalOf(prices: Promised["prices"], { lines }: OrderFact): number {
  return lines.reduce((cents, { sku, quantity }) => cents + (prices.get(sku) ?? 0) * quantity, 0)
}

// At the partners' own prices: a discount is the shop's to bear.
function settledWrongly(facts: Facts): readonly Finding[] {
  return facts.shown.settlements.flatMap(({ partnerId, grossCents }) => {
    const lines = facts.orders.filter(isSold).flatMap((order) => order.lines.filter((line) => line.partnerId === partnerId))
    const dueCents = lines.reduce((cents, { unitPriceCents, quantity }) => cents + unitPriceCents * quantity, 0)
    return grossCents === dueCents
      ? []
      : [off(grossCents - dueCents, `partner ${partnerId} is settled ${grossCents} where it sold ${dueCents}`)]
  })
}
