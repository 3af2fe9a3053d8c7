import type { EventPayload, Reaction } from "@hanok/contract"
import type { orderContract } from "../../order/contract.ts"
import type { Sale } from "../contract.ts"
import type { SettlementPorts } from "../ports.ts"

type PaidOrder = EventPayload<(typeof orderContract)["declarations"]["orderPaid"]>

/** One sale for each partner in the order. Those that a try before this one has recorded stay as they are. */
export const recordSales =
  ({ core }: SettlementPorts): Reaction<typeof orderContract, "orderPaid"> =>
  async (order, context) => {
    for (const sale of salesOf(order)) await core.addSale(sale, context)
  }

/** Sales of an order that was never paid were never recorded. */
export const cancelSales =
  ({ core }: SettlementPorts): Reaction<typeof orderContract, "orderCancelled"> =>
  async ({ orderId, stateBefore }, context) => {
    if (stateBefore === "PAID") await core.cancelSales({ orderId }, context)
  }

/** At the partners' own prices: a coupon's discount is the shop's to bear. */
function salesOf({ orderId, lines, paidAt }: PaidOrder): readonly Sale[] {
  const byPartner = Map.groupBy(lines, ({ partnerId }) => partnerId)
  return [...byPartner].map(([partnerId, bought]) => ({
    orderId,
    partnerId,
    soldAt: paidAt,
    lines: bought.map(({ itemId, quantity, unitPriceCents }) => ({ itemId, quantity, priceCents: unitPriceCents })),
  }))
}
