import type { Reaction } from "@hanok/contract"
import type { orderContract } from "../../order/contract.ts"
import { committed } from "../level.ts"
import { moved } from "../move.ts"
import type { InventoryPorts } from "../ports.ts"

/** What is paid for is no longer only held. */
export const commitStock =
  ({ store }: InventoryPorts): Reaction<typeof orderContract, "orderPaid"> =>
  ({ orderId }, context) =>
    store.transaction(context, async (tx) => {
      const { state, lines } = await tx.lockReservation(orderId)
      if (state !== "RESERVED") return
      const levels = await tx.lockLevels(lines.map(({ sku }) => sku))
      await tx.putLevels(moved(levels, lines, committed))
      await tx.putReservation({ orderId, state: "COMMITTED", lines })
    })
