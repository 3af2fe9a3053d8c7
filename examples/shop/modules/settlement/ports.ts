import type { Handler, OperationName, Ports } from "@hanok/contract"
import { partnerContract } from "../partner/contract.ts"
import type { settlementContract } from "./contract.ts"
import { settlementCore } from "./core/adapter.ts"

export const uses = { partner: partnerContract }
export const needs = { core: settlementCore }

export type SettlementPorts = Ports<typeof settlementContract, typeof uses, typeof needs>

export type SettlementHandler<Op extends OperationName<typeof settlementContract>> = (
  ports: SettlementPorts,
) => Handler<typeof settlementContract, Op>
