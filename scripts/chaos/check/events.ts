import { effectsIn, holds, lost, times } from "./effect.ts"
import type { Effects } from "./effect.ts"
import { isVisible } from "./facts.ts"
import type { Facts, OrderFact } from "./facts.ts"
import type { Finding } from "./finding.ts"
import { checkGifts } from "./gifts.ts"
import type { Promised } from "./promised.ts"
import { checkSales, checkSalesCounts } from "./sales.ts"
import { checkShipments } from "./shipments.ts"

/** Each event has had each of its effects, once: messages, shipments, gifts, sales, the states that follow. */
export function checkEvents(promised: Promised, facts: Facts): readonly Finding[] {
  const effects = effectsIn(facts)
  const checks = [checkMessages, checkSales, checkGifts, checkShipments]
  return [
    ...facts.orders.flatMap((order) => checks.flatMap((check) => check(order, effects))),
    ...facts.orders.flatMap((order) => checkCourse(promised, order)),
    ...checkSalesCounts(facts),
    ...facts.undelivered.map(({ module, subscriber, parked, error }) =>
      lost(`an event of ${module} for ${subscriber} is ${parked ? `parked: ${error}` : "not delivered yet"}`),
    ),
  ]
}

function checkMessages(order: OrderFact, { messages }: Effects): readonly Finding[] {
  const { orderId, wasPaid, state } = order
  // Of an order that was never placed, nobody has to be told.
  const isToldCancelled = state === "CANCELLED" && isVisible(order)
  return [
    ...times(wasPaid ? 1 : 0, messages(`paid ${orderId}`), `the message that ${orderId} was paid`),
    ...times(isToldCancelled ? 1 : 0, messages(`cancelled ${orderId}`), `the message that ${orderId} was cancelled`),
  ]
}

const course = ["PAID", "PREPARING", "SHIPPED", "DELIVERY_COMPLETE"]

// What was acknowledged by delivery and gift has to have reached the order.
function checkCourse({ prepared, shipped, delivered, claimed }: Promised, { orderId, state, wasClaimed }: OrderFact): readonly Finding[] {
  const due = delivered.has(orderId) ? 3 : shipped.has(orderId) ? 2 : prepared.has(orderId) ? 1 : 0
  return [
    ...holds(due === 0 || course.indexOf(state) >= due, `${orderId} is ${state}, and has to be ${course[due]}`),
    ...holds(!claimed.has(orderId) || wasClaimed || state === "CANCELLED", `${orderId} does not know that its gift was claimed`),
  ]
}
