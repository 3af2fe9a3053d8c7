import type { Handler, OperationName, Ports } from "@hanok/contract"
import type { partnerContract } from "./contract.ts"
import { partnerStore } from "./store.postgres.ts"

export const needs = { store: partnerStore }

type PartnerPorts = Ports<typeof partnerContract, {}, typeof needs>

export type PartnerHandler<Op extends OperationName<typeof partnerContract>> = (ports: PartnerPorts) => Handler<typeof partnerContract, Op>
