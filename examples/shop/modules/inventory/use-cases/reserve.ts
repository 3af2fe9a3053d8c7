import { merged, reserved } from "../level.ts"
import { moved } from "../move.ts"
import type { InventoryHandler } from "../ports.ts"

export const reserve: InventoryHandler<"reserve"> =
  ({ store }) =>
  ({ orderId, lines: asked }, context) =>
    store.transaction(context, async (tx) => {
      const { state } = await tx.lockReservation(orderId)
      if (state === "RELEASED") throw context.refusal("ORDER_CANCELLED", {})
      if (state !== "NEW") return {}
      const lines = merged(asked)
      const levels = await tx.lockLevels(lines.map(({ sku }) => sku))
      const short = lines.find(({ sku, quantity }) => availableOf(levels, sku) < quantity)
      if (short) throw context.refusal("OUT_OF_STOCK", { sku: short.sku, available: availableOf(levels, short.sku) })
      await tx.putLevels(moved(levels, lines, reserved))
      await tx.putReservation({ orderId, state: "RESERVED", lines })
      return {}
    })

function availableOf(levels: readonly { readonly sku: string; readonly available: number }[], sku: string): number {
  return levels.find((level) => level.sku === sku)?.available ?? 0
}
