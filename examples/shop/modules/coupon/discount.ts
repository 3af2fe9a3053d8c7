import type { Discount } from "./contract.ts"

/** What a discount takes off a total: rounded down, and never more than there is. */
export function discountOf(discount: Discount, totalCents: number): number {
  if (discount.kind === "amount") return Math.min(discount.amountCents, totalCents)
  return Math.min(Math.floor((totalCents * discount.percent) / 100), discount.atMostCents)
}
