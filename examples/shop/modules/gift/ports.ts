import type { Handler, OperationName, Ports } from "@hanok/contract"
import { systemClock } from "../../kernel/clock.ts"
import type { giftContract } from "./contract.ts"
import { giftStore } from "./store.postgres.ts"

export const needs = { store: giftStore, clock: systemClock }

export type GiftPorts = Ports<typeof giftContract, {}, typeof needs>

export type GiftHandler<Op extends OperationName<typeof giftContract>> = (ports: GiftPorts) => Handler<typeof giftContract, Op>
