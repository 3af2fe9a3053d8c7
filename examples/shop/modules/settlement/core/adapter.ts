import { legacyHttp, reply } from "@hanok/legacy"
import { z } from "zod"
import type { Sale } from "../contract.ts"
import { settlementCoreContract } from "./contract.ts"
import { besideDevelopment } from "./development.ts"

const addressVariable = "LEGACY_SETTLEMENT_URL"

/** Text, number, or a number as text: the core has all three. */
const Amount = z.coerce.number().transform((amount) => Math.round(amount * 100))
const Fine = { result: z.literal("0000") }
const Statement = z.object({
  ...Fine,
  data: z.object({ saleCnt: z.coerce.number(), totAmt: Amount, feeAmt: Amount, netAmt: Amount }),
})
const NoData = z.object({ result: z.literal("0004") })

const overHttp = legacyHttp(settlementCoreContract, {
  baseUrlFrom: addressVariable,
  operations: {
    statementOf: {
      request: "GET /settle/partner.do",
      query: ({ partnerId, month }) => ({ pid: partnerId, ym: month }),
      output: reply(Statement, ({ data }) => ({
        salesCount: data.saleCnt,
        grossCents: data.totAmt,
        commissionCents: data.feeAmt,
        netCents: data.netAmt,
      })),
      refusals: { PARTNER_UNKNOWN: reply(NoData, () => ({})) },
    },
    addSale: {
      request: "POST /settle/addSale.do",
      form: (sale) => ({ ordNo: sale.orderId, Partner_ID: sale.partnerId, saleDt: digitsOf(sale.soldAt), dtl: linesOf(sale) }),
      // 0009: it was there already.
      output: reply(z.object({ result: z.enum(["0000", "0009"]) }), ({ result }) => ({ recorded: result === "0000" })),
    },
    cancelSales: {
      request: "POST /settle/cancelSale.do",
      form: ({ orderId }) => ({ ordNo: orderId }),
      output: reply(z.object({ ...Fine, data: z.object({ cnt: z.number() }) }), ({ data }) => ({ cancelledSales: data.cnt })),
      refusals: { NO_SALE: reply(NoData, () => ({})) },
    },
  },
})

/**
 * The old settlement core at `LEGACY_SETTLEMENT_URL`. In development, where that is not set, the core of this example is started
 * beside the shop by the first call.
 */
export const settlementCore = besideDevelopment(settlementCoreContract, overHttp, addressVariable)

/** `20261123171500`, in UTC. */
function digitsOf(time: string): string {
  return new Date(time).toISOString().replace(/\D/g, "").slice(0, 14)
}

/** `item:quantity:amount`, more after a `|`. */
function linesOf({ lines }: Sale): string {
  return lines.map(({ itemId, quantity, priceCents }) => `${itemId}:${quantity}:${(priceCents / 100).toFixed(2)}`).join("|")
}
