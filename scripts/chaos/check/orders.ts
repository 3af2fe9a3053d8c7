import { isVisible } from "./facts.ts"
import type { Facts, OrderFact } from "./facts.ts"
import type { Finding } from "./finding.ts"
import { grouped } from "./finding.ts"
import type { Promised, PromisedOrder } from "./promised.ts"

/** Every acknowledged order exists exactly once, in a state that what was acknowledged of it allows. */
export function checkOrders(promised: Promised, facts: Facts): readonly Finding[] {
  const rowsOf = grouped(facts.orders, ({ orderId }) => orderId)
  const shownOf = grouped(facts.shown.orders, ({ orderId }) => orderId)
  const known = new Map(promised.orders.map((order) => [order.orderId, order]))
  const lost = [...known.values()].flatMap((order) => {
    const [row] = rowsOf(order.orderId)
    const [shown] = shownOf(order.orderId)
    return troublesOf(promised, order, row, shown).map((trouble) => found("orders_lost", `${order.orderId}: ${trouble}`))
  })
  return [...lost, ...doubledIn(promised, facts, known)]
}

function found(measure: "orders_lost" | "orders_doubled", what: string): Finding {
  return { measure, amount: 1, what }
}

type Shown = Facts["shown"]["orders"][number]

// One order is lost once, whatever else is wrong with it.
function troublesOf(promised: Promised, order: PromisedOrder, row: OrderFact | undefined, shown: Shown | undefined): readonly string[] {
  if (!row) return ["placing it was acknowledged, and it does not exist"]
  if (!isVisible(row)) return [`placing it was acknowledged, and it is ${row.state} ${row.cancelReason ?? ""}`.trim()]
  const troubles = [...changesOf(order, row), ...stepsBack(promised, row)]
  if (!shown) troubles.push("its customer does not see it")
  else if (shown.state !== row.state) troubles.push(`its customer sees it ${shown.state}, and it is ${row.state}`)
  else if (shown.totalCents !== row.totalCents) troubles.push(`its customer sees ${shown.totalCents} cents, and it is ${row.totalCents}`)
  return troubles.slice(0, 1)
}

function changesOf(order: PromisedOrder, row: OrderFact): string[] {
  const { asked } = order
  const asAsked = asked.lines.map(({ itemId, quantity }) => `${itemId} ${quantity}`).join()
  const same = (lines: OrderFact["lines"]) => lines.map(({ itemId, quantity }) => `${itemId} ${quantity}`).join() === asAsked
  return [
    ...(same(row.lines) && same(order.lines) ? [] : ["it is not what was asked for"]),
    ...(row.couponId === asked.couponId ? [] : [`it was placed with ${asked.couponId ?? "no coupon"}, and has ${row.couponId ?? "none"}`]),
    ...(row.isGift === asked.isGift ? [] : ["it is a gift or none, as was not asked for"]),
    ...(row.customerId === order.customerId ? [] : ["it belongs to somebody else"]),
  ]
}

function stepsBack({ paid, cancelled, cancelAsked, claimed }: Promised, row: OrderFact): readonly string[] {
  const { orderId, state, cancelReason } = row
  const mayBeCancelled = cancelAsked.has(orderId) || (row.isGift && cancelReason === "GIFT_EXPIRED")
  if (paid.has(orderId) && !row.wasPaid) return [`its payment was acknowledged, and it is ${state}`]
  if (paid.has(orderId) && state === "CANCELLED" && !mayBeCancelled) return [`it was paid for, and is cancelled: ${cancelReason}`]
  if (claimed.has(orderId) && cancelReason === "GIFT_EXPIRED") return ["its gift was claimed, and it is cancelled as if nobody had"]
  if (cancelled.has(orderId) && state !== "CANCELLED") return [`cancelling it was acknowledged, and it is ${state}`]
  if (state === "CANCELLED" && cancelReason === "CUSTOMER" && !mayBeCancelled) return ["it is cancelled, and nobody has asked for that"]
  return []
}

// Every wish has been answered by now, so an order of which nobody was told is one too many.
function doubledIn({ orders, contradictions }: Promised, facts: Facts, known: ReadonlyMap<string, unknown>): readonly Finding[] {
  const nobodys = facts.orders.filter((row) => isVisible(row) && !known.has(row.orderId))
  const seen = new Set<string>()
  const again = orders.filter(({ orderId }) => seen.size === seen.add(orderId).size)
  const shown = Map.groupBy(facts.shown.orders, ({ orderId }) => orderId)
  const twice = [...shown].filter(([, list]) => list.length > 1)
  return [
    ...nobodys.map(({ orderId, state }) => found("orders_doubled", `${orderId} (${state}) exists, and nobody was told of it`)),
    ...again.map(({ orderId }) => found("orders_doubled", `${orderId} was acknowledged for two wishes`)),
    ...twice.map(([orderId]) => found("orders_doubled", `${orderId} is shown twice`)),
    ...contradictions.map((what) => found("orders_doubled", `two answers to one key: ${what}`)),
  ]
}
