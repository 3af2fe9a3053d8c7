import type { Reaction } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import type { orderContract } from "../../order/contract.ts"
import type { PaymentPorts } from "../ports.ts"
import { referenceOf } from "../store.ts"

/** The money of a paid order becomes the shop's. */
export const capturePayment =
  ({ store, provider, clock }: PaymentPorts): Reaction<typeof orderContract, "orderPaid"> =>
  async ({ orderId }, context) => {
    const payment = await store.read(context).payment(orderId)
    if (payment?.state !== "AUTHORISED") return
    await provider.capture(referenceOf(payment), context)
    await store.transaction(context, async (tx) => {
      const captured = await tx.lockPayment(payment)
      if (captured.state === "AUTHORISED") await tx.putPayment({ ...captured, state: "CAPTURED", updatedAt: timeOf(clock) })
    })
  }
