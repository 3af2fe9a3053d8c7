import type { Context, HandlerInput } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import type { Payment, paymentContract } from "../contract.ts"
import type { PaymentHandler, PaymentPorts } from "../ports.ts"
import { chargeOnce } from "../provider/charge.ts"
import type { Answer } from "../provider/provider.ts"
import { referenceOf } from "../store.ts"
import type { StoredPayment } from "../store.ts"

type Input = HandlerInput<(typeof paymentContract)["declarations"]["authorise"]>

/** The intention is kept first, then the provider is asked, then its answer is kept: each can be taken up again after a crash. */
export const authorise: PaymentHandler<"authorise"> = (ports) => async (input, context) => {
  const begun = await beginBy(ports, input, context)
  const ended = begun.state === "PENDING" ? await charge(ports, begun, input.token, context) : begun
  if (ended.state === "DECLINED") throw context.refusal("PAYMENT_DECLINED", { reason: ended.declineReason ?? "UNKNOWN" })
  if (ended.state === "AUTHORISED" || ended.state === "CAPTURED") return { ...ended, state: ended.state }
  throw context.refusal("ORDER_CANCELLED", {})
}

// A try by another method, of which nobody knows the end, is brought to one first.
async function beginBy(ports: PaymentPorts, input: Input, context: Context): Promise<StoredPayment> {
  const begun = await begin(ports, input, context)
  if (begun.state !== "PENDING" || begun.method === input.method) return begun
  await finish(ports, begun, await ports.provider.findOut(referenceOf(begun), context), context)
  return beginBy(ports, input, context)
}

async function begin(
  { store, clock }: PaymentPorts,
  { orderId, customerId, amountCents, method }: Input,
  context: Context,
): Promise<StoredPayment> {
  const now = { updatedAt: timeOf(clock), declineReason: null }
  return store.transaction(context, async (tx) => {
    const payment = await tx.lockPayment({ orderId, customerId, amountCents, method, ...now, state: "NEW", attempt: 0 })
    if (payment.state !== "NEW" && payment.state !== "DECLINED") return { ...payment }
    const pending = { ...payment, ...now, method, state: "PENDING" as const, attempt: payment.attempt + 1 }
    await tx.putPayment(pending)
    return pending
  })
}

async function charge(ports: PaymentPorts, payment: StoredPayment, token: string, context: Context): Promise<StoredPayment> {
  const { amountCents, method } = payment
  const reference = referenceOf(payment)
  return finish(ports, payment, await chargeOnce(ports.provider, { reference, amountCents, method, token }, context), context)
}

async function finish(ports: PaymentPorts, payment: StoredPayment, answer: Answer, context: Context): Promise<StoredPayment> {
  const ended = await conclude(ports, payment, answer, context)
  // It was cancelled while the provider was asked.
  if (ended.state === "CANCELLED" && answer.kind === "approved") await ports.provider.refund(referenceOf(payment), context)
  return ended
}

function conclude({ store, clock }: PaymentPorts, begun: StoredPayment, answer: Answer, context: Context): Promise<StoredPayment> {
  return store.transaction(context, async (tx) => {
    const payment = await tx.lockPayment(begun)
    // There is another try by now only because this one was declined.
    if (payment.attempt !== begun.attempt) return { ...begun, ...outcomeOf(answer) }
    if (payment.state !== "PENDING") return { ...payment }
    const concluded = { ...payment, ...outcomeOf(answer), updatedAt: timeOf(clock) }
    await tx.putPayment(concluded)
    return concluded
  })
}

function outcomeOf(answer: Answer): Pick<Payment, "state" | "declineReason"> {
  return answer.kind === "approved" ? { state: "AUTHORISED", declineReason: null } : { state: "DECLINED", declineReason: answer.reason }
}
