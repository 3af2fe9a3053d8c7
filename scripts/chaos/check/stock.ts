import { isSold } from "./facts.ts"
import type { Facts, Level, OrderFact } from "./facts.ts"
import type { Finding } from "./finding.ts"
import type { Promised } from "./promised.ts"

/** What is available, reserved and committed is what was received; what is reserved and committed belongs to orders. */
export function checkStock({ received }: Promised, facts: Facts): readonly Finding[] {
  const levels = new Map(facts.levels.map((level) => [level.sku, level]))
  const shown = new Map(facts.shown.levels.map((level) => [level.sku, level]))
  const reserved = piecesIn(facts.orders.filter(({ state }) => state === "INIT" || state === "PLACING"))
  const committed = piecesIn(facts.orders.filter(isSold))
  return [...new Set([...received.keys(), ...levels.keys()])].flatMap((sku) => {
    const level = levels.get(sku) ?? { sku, available: 0, reserved: 0, committed: 0 }
    const all = level.available + level.reserved + level.committed
    return [
      off(sku, all, received.get(sku) ?? 0, "pieces, received were"),
      off(sku, level.reserved, reserved.get(sku) ?? 0, "reserved, in unpaid orders are"),
      off(sku, level.committed, committed.get(sku) ?? 0, "committed, in paid orders are"),
      shownOtherwise(level, shown.get(sku)),
    ].flat()
  })
}

function off(sku: string, is: number, due: number, words: string): readonly Finding[] {
  return is === due ? [] : [{ measure: "stock_off", amount: Math.abs(is - due), what: `${sku}: ${is} ${words} ${due}` }]
}

function shownOtherwise({ sku, available, reserved, committed }: Level, shown: Level | undefined): readonly Finding[] {
  const isSame = available === shown?.available && reserved === shown.reserved && committed === shown.committed
  return isSame ? [] : [{ measure: "stock_off", amount: 1, what: `${sku} is shown otherwise than it is` }]
}

function piecesIn(orders: readonly OrderFact[]): ReadonlyMap<string, number> {
  const pieces = new Map<string, number>()
  for (const { sku, quantity } of orders.flatMap(({ lines }) => lines)) pieces.set(sku, (pieces.get(sku) ?? 0) + quantity)
  return pieces
}
