import { defineModule } from "@hanok/contract"
import { orderContract } from "../order/contract.ts"
import { settlementContract } from "./contract.ts"
import { needs, uses } from "./ports.ts"
import { settlementOfPartner } from "./queries/settlement-of-partner.ts"
import { cancelSales, recordSales } from "./reactions/paid-orders.ts"
import { recordSale } from "./use-cases/record-sale.ts"

/** The face of the old settlement core. It has no data of its own: the core's keys make each sale count once. */
export const settlementModule = defineModule({
  contract: settlementContract,
  owner: "team-settlement",
  uses,
  listens: { order: orderContract },
  needs,
  handlers: { settlementOfPartner, recordSale },
  reactions: { order: { orderPaid: recordSales, orderCancelled: cancelSales } },
})
