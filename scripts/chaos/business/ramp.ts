import type { Meter } from "./meter.ts"
import { runInLoops } from "./traffic.ts"
import type { Mall } from "./visitor.ts"

const steps = [4, 8, 16, 32, 64]
const warmCustomers = 16
const warmSteps = 3

export interface Most {
  /** Requests a second that were answered as they should be. */
  readonly goodPerSecond: number
  /** How many customers, each doing one thing after another, it took. */
  readonly customers: number
}

/** Lets more and more customers in, for `stepMs` each time, and finds out how much the shop can do once it is warm. */
export async function findMost(mall: Mall, meter: Meter, seed: number, stepMs: number, signal: AbortSignal): Promise<Most> {
  let most: Most = { goodPerSecond: 0, customers: 0 }
  // What is fresh is slow: its code has not been compiled yet.
  await runInLoops(mall, seed, warmCustomers, stepMs * warmSteps, signal)
  for (const customers of steps) {
    if (signal.aborted) break
    const goodPerSecond = await goodWith(mall, meter, seed + customers, customers, stepMs, signal)
    if (goodPerSecond > most.goodPerSecond) most = { goodPerSecond, customers }
  }
  return most
}

/** How many requests a second are answered as they should be when so many customers do one thing after another. */
export async function goodWith(
  mall: Mall,
  meter: Meter,
  seed: number,
  customers: number,
  forMs: number,
  signal: AbortSignal,
): Promise<number> {
  const before = meter.good
  const begun = performance.now()
  await runInLoops(mall, seed, customers, forMs, signal)
  return ((meter.good - before) / (performance.now() - begun)) * 1_000
}
