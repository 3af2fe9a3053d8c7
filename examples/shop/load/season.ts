/** What a customer may do next. */
export type Action = "browse" | "look" | "order" | "gift" | "coupon" | "orders" | "cancel" | "join"

export const seasons = ["none", "gifts", "inventory", "sale"] as const
/** In a season one thing surges: gifts; everybody wanting the same few items; a sale with coupons, where all come at once. */
export type Season = (typeof seasons)[number]

/** What customers feel like at a moment. */
export interface Mood {
  readonly weights: Readonly<Record<Action, number>>
  /** How long a customer thinks between two actions, on average, in milliseconds. */
  readonly thinkMs: number
  /** Everybody wants the same few items. */
  readonly crowding: boolean
}

const usual: Mood = {
  weights: { browse: 45, look: 34, order: 9, gift: 2, coupon: 2, orders: 7, cancel: 1, join: 0.5 },
  thinkMs: 1_000,
  crowding: false,
}

const surges: Readonly<Record<Season, Mood>> = {
  none: usual,
  gifts: { ...usual, weights: { ...usual.weights, gift: 40 } },
  inventory: { weights: { ...usual.weights, look: 60, order: 40 }, thinkMs: 500, crowding: true },
  sale: { weights: { ...usual.weights, order: 25, coupon: 15, join: 2 }, thinkMs: 300, crowding: false },
}

/** The season is at its height in the middle third of a run; before and after it all is as usual. `progress` goes from 0 to 1. */
export function moodAt(season: Season, progress: number): Mood {
  return progress >= 1 / 3 && progress < 2 / 3 ? surges[season] : usual
}
