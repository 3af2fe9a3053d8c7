import type { Handler, OperationName, Ports } from "@hanok/contract"
import { systemClock } from "../../kernel/clock.ts"
import type { paymentContract } from "./contract.ts"
import { ledger } from "./provider/ledger.postgres.ts"
import { simulatedProvider } from "./provider/simulated.ts"
import { paymentStore } from "./store.postgres.ts"

export const needs = { store: paymentStore, provider: simulatedProvider(ledger), clock: systemClock }

export type PaymentPorts = Ports<typeof paymentContract, {}, typeof needs>

export type PaymentHandler<Op extends OperationName<typeof paymentContract>> = (ports: PaymentPorts) => Handler<typeof paymentContract, Op>
