/** How long what is measured. */
export interface Plan {
  readonly rounds: number
  readonly warmUpSeconds: number
  /** Before each window, at its load, and not measured. */
  readonly leadInSeconds: number
  readonly windowSeconds: number
  /** At the maximum. */
  readonly maximumRounds: number
  readonly maximumSeconds: number
}

const full: Plan = { rounds: 5, warmUpSeconds: 8, leadInSeconds: 1.5, windowSeconds: 6, maximumRounds: 3, maximumSeconds: 4 }
const quick: Plan = { rounds: 1, warmUpSeconds: 2, leadInSeconds: 0.5, windowSeconds: 2.5, maximumRounds: 1, maximumSeconds: 2 }

export function planOf({ rounds, quick: isQuick = false }: { readonly rounds?: number; readonly quick?: boolean }): Plan {
  const plan = isQuick ? quick : full
  return rounds === undefined ? plan : { ...plan, rounds }
}

/** The offered load, as a part of what `today` can do at most: near to what it bears, and far from it. */
export const loads = { offered: 0.75, light: 0.2 }
export type LoadName = keyof typeof loads

/** Customers in closed loops, at the maximum. */
export const closedLoops = 32
/** With a rate: so many that nobody is waited for. */
export const mostCustomers = 400
/** Shared by the customers. */
export const accountCount = 24
