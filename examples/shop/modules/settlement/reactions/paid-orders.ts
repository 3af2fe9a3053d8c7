import { Fault, refusalOf } from "@hanok/contract"
import type { EventPayload, Reaction } from "@hanok/contract"
import type { orderContract } from "../../order/contract.ts"
import { settlementCoreContract } from "../core/contract.ts"
import type { Sale } from "../contract.ts"
import type { SettlementPorts } from "../ports.ts"

type PaidOrder = EventPayload<(typeof orderContract)["declarations"]["orderPaid"]>

/** One sale for each partner in the order. Those that a try before this one has recorded stay as they are. */
export const recordSales =
  ({ core }: SettlementPorts): Reaction<typeof orderContract, "orderPaid"> =>
  async (order, context) => {
    for (const sale of salesOf(order)) await core.addSale(sale, context)
  }

/**
 * Sales of an order that was never paid were never recorded. Where those of one that was are not recorded yet, this has to come
 * again: the core does not remember what it has no sale of, and would count the sale when it comes in late.
 */
export const cancelSales =
  ({ core }: SettlementPorts): Reaction<typeof orderContract, "orderCancelled"> =>
  async ({ orderId, stateBefore }, context) => {
    if (stateBefore !== "PAID") return
    try {
      await core.cancelSales({ orderId }, context)
    } catch (error) {
      if (!refusalOf(settlementCoreContract, "cancelSales", error)) throw error
      throw new Fault("INTERNAL", `The settlement core has no sale of the order ${orderId} to cancel: its payment is to be recorded first.`)
    }
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
