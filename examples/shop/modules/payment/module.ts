import { defineModule } from "@hanok/contract"
import { orderContract } from "../order/contract.ts"
import { paymentContract } from "./contract.ts"
import { needs } from "./ports.ts"
import { paymentOfOrder } from "./queries/payment-of-order.ts"
import { capturePayment } from "./reactions/capture-payment.ts"
import { refundPayment } from "./reactions/refund-payment.ts"
import { authorise } from "./use-cases/authorise.ts"

export const paymentModule = defineModule({
  contract: paymentContract,
  owner: "team-payment",
  listens: { order: orderContract },
  needs,
  handlers: { authorise, paymentOfOrder },
  reactions: { order: { orderPaid: capturePayment, orderCancelled: refundPayment } },
})
