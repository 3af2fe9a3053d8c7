import type { Handler, HandlerContext, OperationName, Ports, RefusalsOf } from "@hanok/contract"
import { systemClock } from "../../kernel/clock.ts"
import { orderContract } from "../order/contract.ts"
import type { deliveryContract } from "./contract.ts"
import { deliveryStore } from "./store.postgres.ts"

export const uses = { order: orderContract }
export const needs = { store: deliveryStore, clock: systemClock }

export type DeliveryPorts = Ports<typeof deliveryContract, typeof uses, typeof needs>

type Operation = OperationName<typeof deliveryContract>

export type DeliveryHandler<Op extends Operation> = (ports: DeliveryPorts) => Handler<typeof deliveryContract, Op>

/** Of the commands that move a shipment on; all refuse alike. */
export type MovingContext = HandlerContext<RefusalsOf<(typeof deliveryContract)["declarations"]["ship"]>>
