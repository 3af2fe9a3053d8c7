import type { Reaction } from "@hanok/contract"
import type { partnerContract } from "../../partner/contract.ts"
import type { ItemPorts } from "../ports.ts"

export const endSales =
  ({ store }: ItemPorts): Reaction<typeof partnerContract, "partnerDisabled"> =>
  ({ partnerId }, context) =>
    store.transaction(context, (tx) => tx.endSalesOf(partnerId))
