import { isOwnSku } from "../own-sku.ts"
import type { InventoryHandler } from "../ports.ts"

export const receiveStock: InventoryHandler<"receiveStock"> =
  (ports) =>
  async ({ sku, quantity }, context) => {
    if (!(await isOwnSku(ports, sku, context))) throw context.refusal("SKU_NOT_FOUND", {})
    return ports.store.transaction(context, (tx) => tx.receive(sku, quantity))
  }
