import type { Exchange } from "../../../examples/shop/load/api.ts"
import type { Account } from "../../../examples/shop/load/shopping/account.ts"

/** What the load client is asked to do for a while. */
export interface WindowOrder {
  readonly url: string
  /** Of the customers; when there are none, nobody shops, and each action is one request that asks for nothing in particular. */
  readonly accounts: readonly Account[]
  readonly seconds: number
  /** Actions begun in a second, whether or not those before have ended; `undefined`: as many as `customers` in closed loops can. */
  readonly actionsPerSecond: number | undefined
  readonly customers: number
  /** Ends sooner when so many have ended. */
  readonly mostActions?: number
  readonly seed: number
}

/** What came of it. */
export interface WindowReport {
  /** Those that were answered. */
  readonly requests: number
  readonly seconds: number
  readonly actionsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly byOperation: Readonly<Record<string, { readonly requests: number; readonly p50Ms: number; readonly p99Ms: number }>>
  /** Requests that were refused because of the load (`OVERLOADED`); in no other figure. */
  readonly shed: number
  /** Anything else that is neither a success nor a declined payment, by operation and code. None, or the run is void. */
  readonly failures: Readonly<Record<string, number>>
  /** Actions that had no customer left to carry them out. */
  readonly late: number
  /** Of the client itself: when it is near 1, the client is the limit. */
  readonly clientCpuShare: number
}

/** Collects requests as they end. */
export class Latencies {
  readonly #byOperation = new Map<string, number[]>()
  readonly #failures: Record<string, number> = {}
  #shed = 0

  readonly add = ({ operation, code, ms }: Exchange): void => {
    if (code === "OVERLOADED") {
      this.#shed += 1
      return
    }
    const list = this.#byOperation.get(operation) ?? []
    this.#byOperation.set(operation, list)
    list.push(ms)
    // The simulated payment provider declines some of the cards: that is an answer like any other.
    if (code === undefined || code === "PAYMENT_DECLINED") return
    const name = `${operation} ${code}`
    this.#failures[name] = (this.#failures[name] ?? 0) + 1
  }

  report() {
    const all = [...this.#byOperation.values()].flat().toSorted((one, other) => one - other)
    const operations = [...this.#byOperation].map(([name, list]) => {
      const sorted = list.toSorted((one, other) => one - other)
      return [name, { requests: sorted.length, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) }] as const
    })
    return {
      requests: all.length,
      p50Ms: quantile(all, 0.5),
      p99Ms: quantile(all, 0.99),
      byOperation: Object.fromEntries(operations),
      shed: this.#shed,
      failures: this.#failures,
    }
  }
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
}
