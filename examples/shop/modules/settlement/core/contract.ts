import { command, defineContract, query } from "@hanok/contract"
import { z } from "zod"
import { Id } from "../../../kernel/id.ts"
import { AmountCents } from "../../../kernel/money.ts"
import { Month, Sale } from "../contract.ts"

/** What the old settlement core does, in today's terms. Only the settlement module speaks to it. */
export const settlementCoreContract = defineContract("settlement-core", {
  statementOf: query({
    input: z.object({ partnerId: Id, month: Month }),
    output: z.object({ salesCount: z.int().min(0), grossCents: AmountCents, commissionCents: AmountCents, netCents: z.int() }),
    refusals: { PARTNER_UNKNOWN: z.object({}) },
  }),
  /** The core keeps one sale for each order and partner: a repetition changes nothing. */
  addSale: command({ input: Sale, output: z.object({ recorded: z.boolean() }) }),
  /** All sales of the order; those that were cancelled before change nothing. */
  cancelSales: command({
    input: z.object({ orderId: Id }),
    output: z.object({ cancelledSales: z.int().min(0) }),
    refusals: { NO_SALE: z.object({}) },
  }),
})
