import { setTimeout as sleep } from "node:timers/promises"
import { createRandom } from "../../../examples/shop/load/random.ts"
import { actions, createVisitor, weights } from "./visitor.ts"
import type { Mall, Visitor } from "./visitor.ts"

/** Customers who come whether or not those before them have been served. */
export interface Traffic {
  /** Visits begun in a second. */
  rate: number
  /** Visits that could not begin, because too many were under way. */
  readonly turnedAway: number
  /** Visits that have ended. */
  readonly visits: number
  /** Nobody comes any more; resolves when the last has gone. */
  stop(): Promise<void>
}

export interface TrafficOptions {
  readonly mall: Mall
  readonly seed: number
  readonly rate: number
}

/** More at once than these a machine such as this one cannot play. */
const mostAtOnce = 600
const longestPauseMs = 200

export function startTraffic({ mall, seed, rate }: TrafficOptions): Traffic {
  const random = createRandom(seed)
  const busy = new Set<Promise<void>>()
  const idle = visitorsOf(mall, seed)
  const counts = { turnedAway: 0, visits: 0 }
  const end = new AbortController()

  const visit = async (visitor: Visitor) => {
    await actions[visitor.random.weighted(weights)](mall, visitor)
    counts.visits += 1
  }
  const begin = () => {
    const visitor = idle[random.between(0, idle.length - 1)]
    if (!visitor || busy.size >= mostAtOnce) return void (counts.turnedAway += 1)
    const work = visit(visitor).finally(() => busy.delete(work))
    busy.add(work)
  }
  const come = async () => {
    let dueAt = performance.now()
    while (!end.signal.aborted) {
      // What could not be kept up with for long is not caught up with.
      dueAt = Math.max(dueAt + random.exponential(1_000 / traffic.rate), performance.now() - longestPauseMs)
      for (let pauseMs = dueAt - performance.now(); pauseMs > 1 && !end.signal.aborted; pauseMs = dueAt - performance.now())
        await sleep(Math.min(pauseMs, longestPauseMs))
      if (!end.signal.aborted) begin()
    }
  }
  const traffic: Traffic = {
    rate,
    get turnedAway() {
      return counts.turnedAway
    },
    get visits() {
      return counts.visits
    },
    async stop() {
      end.abort()
      await coming
      await Promise.all(busy)
    },
  }
  const coming = come()
  return traffic
}

/** As many as are wanted, each doing one thing after another: for finding out how much the shop can bear. */
export async function runInLoops(mall: Mall, seed: number, customers: number, forMs: number, signal: AbortSignal): Promise<void> {
  const visitors = visitorsOf(mall, seed)
  const until = performance.now() + forMs
  const loop = async (number: number) => {
    const visitor = visitors[number % visitors.length]
    if (!visitor) return
    while (performance.now() < until && !signal.aborted) await actions[visitor.random.weighted(weights)](mall, visitor)
  }
  await Promise.all(Array.from({ length: customers }, (_, number) => loop(number)))
}

function visitorsOf({ furnished }: Mall, seed: number): readonly Visitor[] {
  const random = createRandom(seed)
  return furnished.customers.map((customer, number) => createVisitor(customer, random.fork(number)))
}
