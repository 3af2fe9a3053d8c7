import type { Effects } from "./effect.ts"
import { holds, times } from "./effect.ts"
import { isSold } from "./facts.ts"
import type { Facts, OrderFact } from "./facts.ts"
import type { Finding } from "./finding.ts"

/** A paid order is one sale for each of its partners, which knows when the order was cancelled. */
export function checkSales(order: OrderFact, effects: Effects): readonly Finding[] {
  const sales = effects.sales(order.orderId)
  const partners = new Set([...order.lines, ...sales].map(({ partnerId }) => partnerId))
  return [...partners].flatMap((partnerId) => {
    const own = sales.filter((sale) => sale.partnerId === partnerId)
    return saleBy(partnerId, order, own)
  })
}

/** A partner's settlement counts each order of which it sold something. */
export function checkSalesCounts({ orders, shown }: Facts): readonly Finding[] {
  const sold = orders.filter(isSold)
  return shown.settlements.flatMap(({ partnerId, salesCount }) => {
    const due = sold.filter(({ lines }) => lines.some((line) => line.partnerId === partnerId)).length
    return times(due, salesCount, `sales in the settlement of ${partnerId}`)
  })
}

function saleBy(partnerId: string, { orderId, lines, wasPaid, state }: OrderFact, sales: Facts["sales"]): readonly Finding[] {
  const bought = lines.filter((line) => line.partnerId === partnerId)
  const dueCents = bought.reduce((sum, { unitPriceCents, quantity }) => sum + unitPriceCents * quantity, 0)
  const what = `the sale of ${orderId} by ${partnerId}`
  return [
    ...times(wasPaid && bought.length > 0 ? 1 : 0, sales.length, what),
    ...sales.flatMap(({ cents }) => holds(cents === dueCents, `${what} is of ${cents} where it is of ${dueCents}`)),
    ...sales.flatMap(({ cancelled }) => holds(cancelled === (state === "CANCELLED"), `${what} does not know that the order is ${state}`)),
  ]
}
