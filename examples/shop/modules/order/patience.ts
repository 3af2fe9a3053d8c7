import { defineAdapter } from "@hanok/contract"

/** How long an order is waited for. */
export interface OrderPatience {
  /** From placing to payment; then the order is cancelled. */
  readonly payWithinSeconds: number
  /** Until all of an order is secured; then whoever placed it has gone away. */
  readonly placeWithinSeconds: number
}

/** As `SHOP_PAY_WITHIN_SECONDS` (1800 when not set) and `SHOP_PLACE_WITHIN_SECONDS` (60) say. */
export const patienceFromEnvironment = defineAdapter<OrderPatience>("environment", ({ env }) => ({
  payWithinSeconds: secondsOf(env, "SHOP_PAY_WITHIN_SECONDS", 1800),
  placeWithinSeconds: secondsOf(env, "SHOP_PLACE_WITHIN_SECONDS", 60),
}))

function secondsOf(env: Readonly<Record<string, string | undefined>>, name: string, otherwise: number): number {
  const text = env[name]
  if (text === undefined || text === "") return otherwise
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds > 0) return seconds
  throw new Error(`${name} is "${text}"; it takes a number of seconds above 0.`)
}
