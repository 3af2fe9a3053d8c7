import { isOwnSku } from "../own-sku.ts"
import type { InventoryHandler } from "../ports.ts"

export const stockOf: InventoryHandler<"stockOf"> =
  ({ store }) =>
  async ({ skus }, context) => {
    const levels = await store.read(context).levels(skus)
    const available = new Map(levels.map((level) => [level.sku, level.available]))
    return skus.map((sku) => ({ sku, available: available.get(sku) ?? 0 }))
  }

export const stockLevel: InventoryHandler<"stockLevel"> =
  (ports) =>
  async ({ sku }, context) => {
    if (!(await isOwnSku(ports, sku, context))) throw context.refusal("SKU_NOT_FOUND", {})
    return (await ports.store.read(context).level(sku)) ?? { sku, available: 0, reserved: 0, committed: 0 }
  }
