import { checkCoupons } from "./coupons.ts"
import { checkEvents } from "./events.ts"
import type { Facts } from "./facts.ts"
import type { Finding } from "./finding.ts"
import { checkMoney } from "./money.ts"
import { checkOrders } from "./orders.ts"
import type { Promised } from "./promised.ts"
import { checkStock } from "./stock.ts"

/** Holds what the shop has promised against how things are: every promise that it has not kept. */
export function verify(promised: Promised, facts: Facts): readonly Finding[] {
  return [checkOrders, checkMoney, checkStock, checkEvents, checkCoupons].flatMap((check) => check(promised, facts))
}
