import { command, defineContract, query, refusal } from "@hanok/contract"
import { z } from "zod"
import { Id } from "../../kernel/id.ts"
import { AmountCents } from "../../kernel/money.ts"

/** `2026-11`, in UTC. */
export const Month = z.string().regex(/^20[0-9]{2}-(?:0[1-9]|1[0-2])$/, "must be a month such as 2026-11")

/** What a partner sold in a month, and what it gets of it. Cancelled orders do not count. */
const Settlement = z
  .object({
    partnerId: Id,
    month: Month,
    salesCount: z.int().min(0),
    grossCents: AmountCents,
    commissionCents: AmountCents,
    netCents: z.int(),
  })
  .meta({ title: "Settlement" })

/** What one order bought of one partner. */
export const Sale = z
  .object({
    orderId: Id,
    partnerId: Id,
    soldAt: z.iso.datetime(),
    lines: z
      // No order has more; all of it together is what the core can keep.
      .array(z.object({ itemId: Id, quantity: z.int().min(1).max(99), priceCents: AmountCents.max(1_000_000_000) }))
      .min(1)
      .max(100),
  })
  .meta({ title: "Sale" })
export type Sale = z.infer<typeof Sale>

export const settlementContract = defineContract("settlement", {
  /** A partner that has sold nothing yet has a settlement of zeros. */
  settlementOfPartner: query({
    summary: "What a partner sold in a month and gets of it; for the partner itself and for admins.",
    input: z.object({ partnerId: Id, month: Month }),
    output: Settlement,
    refusals: { PARTNER_NOT_FOUND: refusal(z.object({}), { status: 404 }) },
    http: "GET /partners/{partnerId}/settlements/{month}",
    access: { anyOf: ["partner", "admin"] },
    priority: "low",
  }),
  /** Safe to repeat: a sale is one for its order and partner. Paid orders are recorded by themselves. */
  recordSale: command({
    summary: "Records a sale by hand.",
    input: Sale,
    output: z.object({ recorded: z.boolean().meta({ description: "False when it was there already." }) }),
    http: "POST /settlements/sales",
    access: { anyOf: ["admin"] },
  }),
})
