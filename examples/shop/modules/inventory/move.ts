import type { StockLevel } from "./contract.ts"
import type { Line, Move } from "./level.ts"

/** The levels after each line has moved. Lines name a stock-keeping unit once. */
export function moved(levels: readonly StockLevel[], lines: readonly Line[], move: Move): readonly StockLevel[] {
  const quantities = new Map(lines.map(({ sku, quantity }) => [sku, quantity]))
  return levels.map((level) => move(level, quantities.get(level.sku) ?? 0))
}
