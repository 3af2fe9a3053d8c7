import type { SettlementHandler } from "../ports.ts"

export const recordSale: SettlementHandler<"recordSale"> =
  ({ core }) =>
  (sale, context) =>
    core.addSale(sale, context)
