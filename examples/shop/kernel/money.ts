import { z } from "zod"

/** What one piece may cost at most. */
const highestPriceCents = 100_000_000

/** A price, in hundredths of the shop's currency. */
export const PriceCents = z.int().min(0).max(highestPriceCents)

/** A sum of prices, in hundredths of the shop's currency. */
export const AmountCents = z.int().min(0)
