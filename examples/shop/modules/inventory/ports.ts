import type { Handler, OperationName, Ports } from "@hanok/contract"
import { itemContract } from "../item/contract.ts"
import type { inventoryContract } from "./contract.ts"
import { inventoryStore } from "./store.postgres.ts"

export const uses = { item: itemContract }
export const needs = { store: inventoryStore }

export type InventoryPorts = Ports<typeof inventoryContract, typeof uses, typeof needs>

export type InventoryHandler<Op extends OperationName<typeof inventoryContract>> = (
  ports: InventoryPorts,
) => Handler<typeof inventoryContract, Op>
