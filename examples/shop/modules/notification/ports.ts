import type { Handler, OperationName, Ports } from "@hanok/contract"
import { systemClock } from "../../kernel/clock.ts"
import { customerContract } from "../customer/contract.ts"
import type { notificationContract } from "./contract.ts"
import { simulatedMailer } from "./mailer.ts"
import { notificationStore } from "./store.postgres.ts"

export const uses = { customer: customerContract }
export const needs = { store: notificationStore, mailer: simulatedMailer, clock: systemClock }

export type NotificationPorts = Ports<typeof notificationContract, typeof uses, typeof needs>

export type NotificationHandler<Op extends OperationName<typeof notificationContract>> = (
  ports: NotificationPorts,
) => Handler<typeof notificationContract, Op>
