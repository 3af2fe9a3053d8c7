import type { Handler, OperationName, Ports } from "@hanok/contract"
import { systemClock } from "../../kernel/clock.ts"
import type { couponContract } from "./contract.ts"
import { couponStore } from "./store.postgres.ts"

export const needs = { store: couponStore, clock: systemClock }

export type CouponPorts = Ports<typeof couponContract, {}, typeof needs>

export type CouponHandler<Op extends OperationName<typeof couponContract>> = (ports: CouponPorts) => Handler<typeof couponContract, Op>
