import type { Reaction } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import type { orderContract } from "../../order/contract.ts"
import type { PaymentPorts } from "../ports.ts"
import { referenceOf } from "../store.ts"
import type { StoredPayment } from "../store.ts"

/** The money of a cancelled order goes back. Whoever tries to pay for it after this, because they were slow, is refused. */
export const refundPayment =
  ({ store, provider, clock }: PaymentPorts): Reaction<typeof orderContract, "orderCancelled"> =>
  async ({ orderId, customerId, totalCents }, context) => {
    const updatedAt = timeOf(clock)
    const nothing: StoredPayment = {
      orderId,
      customerId,
      amountCents: totalCents,
      method: "card",
      state: "NEW",
      declineReason: null,
      attempt: 0,
      updatedAt,
    }
    const before = await store.transaction(context, async (tx) => {
      const payment = await tx.lockPayment(nothing)
      await tx.putPayment({ ...payment, state: after(payment.state), updatedAt })
      return { ...payment }
    })
    if (before.attempt > 0) await provider.refund(referenceOf(before), context)
  }

function after(state: StoredPayment["state"]): StoredPayment["state"] {
  return state === "CAPTURED" || state === "REFUNDED" ? "REFUNDED" : "CANCELLED"
}
