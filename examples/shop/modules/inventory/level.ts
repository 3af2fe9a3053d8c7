import type { StockLevel } from "./contract.ts"

/** A number of pieces of one stock-keeping unit. */
export interface Line {
  readonly sku: string
  readonly quantity: number
}

/** How pieces move between the parts of a level. */
export type Move = (level: StockLevel, quantity: number) => StockLevel

export const reserved: Move = (level, quantity) => ({
  ...level,
  available: level.available - quantity,
  reserved: level.reserved + quantity,
})

export const committed: Move = (level, quantity) => ({
  ...level,
  reserved: level.reserved - quantity,
  committed: level.committed + quantity,
})

/** Takes back `reserved`. */
export const released: Move = (level, quantity) => ({
  ...level,
  available: level.available + quantity,
  reserved: level.reserved - quantity,
})

/** Takes back `committed` and `reserved`. */
export const returned: Move = (level, quantity) => ({
  ...level,
  available: level.available + quantity,
  committed: level.committed - quantity,
})

/** One line for each stock-keeping unit. */
export function merged(lines: readonly Line[]): readonly Line[] {
  const quantities = new Map<string, number>()
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity)
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }))
}
