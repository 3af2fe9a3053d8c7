import { command, defineContract, query, refusal } from "@hanok/contract"
import { z } from "zod"
import { Id } from "../../kernel/id.ts"
import { AmountCents } from "../../kernel/money.ts"

const Method = z.enum(["card", "bankTransfer", "points"])

/** Where the money of an order is. */
export const Payment = z
  .object({
    orderId: Id,
    customerId: Id,
    amountCents: AmountCents,
    method: Method,
    /**
     * `PENDING`: the provider has been asked. `AUTHORISED`: it holds the money. `CAPTURED`: it is the shop's.
     * `REFUNDED`: it was, and is the customer's again. `CANCELLED`: it never became the shop's, nor will.
     */
    state: z.enum(["PENDING", "AUTHORISED", "CAPTURED", "REFUNDED", "DECLINED", "CANCELLED"]),
    declineReason: z.string().nullable(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ title: "Payment" })
export type Payment = z.infer<typeof Payment>

export const paymentContract = defineContract("payment", {
  /** Safe to repeat: an order's money is held once. After a refusal by the provider it may be tried with another method. */
  authorise: command({
    summary:
      "Has the provider hold the money of an order, for other modules. It is captured when the order is paid, and given back when it is cancelled.",
    input: z.object({ orderId: Id, customerId: Id, amountCents: AmountCents, method: Method, token: z.string().min(1).max(100) }),
    output: Payment,
    refusals: { PAYMENT_DECLINED: refusal(z.object({ reason: z.string() }), { status: 402 }), ORDER_CANCELLED: z.object({}) },
    priority: "high",
  }),
  paymentOfOrder: query({
    summary: "The payment of an order of the caller; an admin may see any.",
    input: z.object({ orderId: Id }),
    output: Payment,
    refusals: { PAYMENT_NOT_FOUND: refusal(z.object({}), { status: 404 }) },
    http: "GET /orders/{orderId}/payment",
  }),
})
