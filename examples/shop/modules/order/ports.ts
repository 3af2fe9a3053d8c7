import type { Handler, HandlerContext, OperationName, Ports, RefusalsOf } from "@hanok/contract"
import { systemClock } from "../../kernel/clock.ts"
import { couponContract } from "../coupon/contract.ts"
import { customerContract } from "../customer/contract.ts"
import { inventoryContract } from "../inventory/contract.ts"
import { itemContract } from "../item/contract.ts"
import { paymentContract } from "../payment/contract.ts"
import type { orderContract } from "./contract.ts"
import { patienceFromEnvironment } from "./patience.ts"
import { orderStore } from "./store.postgres.ts"

export const uses = {
  customer: customerContract,
  item: itemContract,
  inventory: inventoryContract,
  coupon: couponContract,
  payment: paymentContract,
}
export const needs = { store: orderStore, clock: systemClock, patience: patienceFromEnvironment }

export type OrderPorts = Ports<typeof orderContract, typeof uses, typeof needs>

type Operation = OperationName<typeof orderContract>

export type OrderHandler<Op extends Operation> = (ports: OrderPorts) => Handler<typeof orderContract, Op>

export type OrderContext<Op extends Operation> = HandlerContext<RefusalsOf<(typeof orderContract)["declarations"][Op]>>
