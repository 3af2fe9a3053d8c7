import type { Facts } from "./facts.ts"
import { grouped } from "./finding.ts"
import type { Finding } from "./finding.ts"

/** An effect that is missing. */
export function lost(what: string, amount = 1): Finding {
  return { measure: "events_lost", amount, what }
}

/** An effect that is due so many times, and is there so many. */
export function times(due: number, is: number, what: string): readonly Finding[] {
  if (is < due) return [lost(`${what}: ${is} where ${due} is due`, due - is)]
  if (is > due) return [{ measure: "events_doubled", amount: is - due, what: `${what}: ${is} where ${due} is due` }]
  return []
}

/** Lost, in these words, unless it holds. */
export function holds(condition: boolean, what: string): readonly Finding[] {
  return condition ? [] : [lost(what)]
}

/** The effects there are, by what they belong to. */
export interface Effects {
  /** How often a message was written for the occasion. */
  messages(occasion: string): number
  sales(orderId: string): Facts["sales"]
  gifts(orderId: string): Facts["gifts"]
  shipments(orderId: string): Facts["shipments"]
}

export function effectsIn({ occasions, sales, gifts, shipments }: Facts): Effects {
  const messages = Map.groupBy(occasions, (occasion) => occasion)
  return {
    messages: (occasion) => messages.get(occasion)?.length ?? 0,
    sales: grouped(sales, ({ orderId }) => orderId),
    gifts: grouped(gifts, ({ orderId }) => orderId),
    shipments: grouped(shipments, ({ orderId }) => orderId),
  }
}
