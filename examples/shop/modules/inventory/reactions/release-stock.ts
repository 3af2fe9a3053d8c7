import type { Reaction } from "@hanok/contract"
import type { orderContract } from "../../order/contract.ts"
import { released, returned } from "../level.ts"
import { moved } from "../move.ts"
import type { InventoryPorts } from "../ports.ts"

/** A cancelled order holds nothing. A reservation that comes in after this, because it was slow, is refused. */
export const releaseStock =
  ({ store }: InventoryPorts): Reaction<typeof orderContract, "orderCancelled"> =>
  ({ orderId }, context) =>
    store.transaction(context, async (tx) => {
      const { state, lines } = await tx.lockReservation(orderId)
      if (state === "RELEASED") return
      await tx.putReservation({ orderId, state: "RELEASED", lines })
      if (state === "NEW") return
      const levels = await tx.lockLevels(lines.map(({ sku }) => sku))
      await tx.putLevels(moved(levels, lines, state === "COMMITTED" ? returned : released))
    })
