import type { Handler, OperationName, Ports } from "@hanok/contract"
import { systemClock } from "../../kernel/clock.ts"
import { partnerContract } from "../partner/contract.ts"
import type { itemContract } from "./contract.ts"
import { itemStore } from "./store.postgres.ts"

export const uses = { partner: partnerContract }
export const needs = { store: itemStore, clock: systemClock }

export type ItemPorts = Ports<typeof itemContract, typeof uses, typeof needs>

export type ItemHandler<Op extends OperationName<typeof itemContract>> = (ports: ItemPorts) => Handler<typeof itemContract, Op>
