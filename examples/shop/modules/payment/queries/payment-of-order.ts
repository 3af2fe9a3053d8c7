import { hasRole, subjectOf } from "../../../kernel/subject.ts"
import type { PaymentHandler } from "../ports.ts"

export const paymentOfOrder: PaymentHandler<"paymentOfOrder"> =
  ({ store }) =>
  async ({ orderId }, context) => {
    const payment = await store.read(context).payment(orderId)
    const isOwn = payment?.customerId === subjectOf(context) || hasRole(context, "admin")
    if (!payment || payment.attempt === 0 || payment.state === "NEW" || !isOwn) throw context.refusal("PAYMENT_NOT_FOUND", {})
    return { ...payment, state: payment.state }
  }
