import type { RunOptions } from "../harness/row.ts"

/** How long what is measured. */
export interface Plan {
  /** Of the offered load. */
  readonly rounds: number
  /** Of the light load and of the maximum. */
  readonly otherRounds: number
  /** At each one's maximum, the most: it ends when the shop gets no quicker. */
  readonly warmUpWindows: number
  /** Before each window, at its load, and not measured. */
  readonly leadInSeconds: number
  readonly windowSeconds: number
}

const full: Omit<Plan, "rounds"> = { otherRounds: 3, warmUpWindows: 24, leadInSeconds: 1, windowSeconds: 5 }
const quick: Omit<Plan, "rounds"> = { otherRounds: 1, warmUpWindows: 2, leadInSeconds: 0.5, windowSeconds: 1.5 }

export function planOf({ rounds, quick: isQuick }: Pick<RunOptions, "rounds" | "quick">): Plan {
  const plan = isQuick ? quick : full
  return { ...plan, rounds, otherRounds: Math.min(rounds, plan.otherRounds) }
}

/** The offered load, as a part of what `today` can do at most: near to what it bears, and far from it. */
export const loads = { offered: 0.7, light: 0.2 }
export type LoadName = keyof typeof loads

/** Customers in closed loops, at the maximum. */
export const closedLoops = 32
/** With a rate: so many that nobody is waited for. */
export const mostCustomers = 400
/** Shared by the customers. */
export const accountCount = 24
