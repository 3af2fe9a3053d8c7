import { defineModule } from "@hanok/contract"
import { orderContract } from "../order/contract.ts"
import { inventoryContract } from "./contract.ts"
import { needs, uses } from "./ports.ts"
import { stockLevel, stockOf } from "./queries/stock.ts"
import { commitStock } from "./reactions/commit-stock.ts"
import { releaseStock } from "./reactions/release-stock.ts"
import { receiveStock } from "./use-cases/receive-stock.ts"
import { reserve } from "./use-cases/reserve.ts"

export const inventoryModule = defineModule({
  contract: inventoryContract,
  owner: "team-fulfilment",
  uses,
  listens: { order: orderContract },
  needs,
  handlers: { receiveStock, stockLevel, stockOf, reserve },
  reactions: { order: { orderPaid: commitStock, orderCancelled: releaseStock } },
})
