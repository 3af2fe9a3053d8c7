import type { Handler, OperationName, Ports } from "@hanok/contract"
import { tokenIssuer } from "@hanok/runtime"
import { systemClock } from "../../kernel/clock.ts"
import type { customerContract } from "./contract.ts"
import { customerStore } from "./store.postgres.ts"

export const needs = { store: customerStore, tokens: tokenIssuer(), clock: systemClock }

export type CustomerPorts = Ports<typeof customerContract, {}, typeof needs>

export type CustomerHandler<Op extends OperationName<typeof customerContract>> = (
  ports: CustomerPorts,
) => Handler<typeof customerContract, Op>
