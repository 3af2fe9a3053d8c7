import { operationsOf } from "@hanok/contract"
import type { Contract, Identity } from "@hanok/contract"
import { signUserToken } from "@hanok/runtime"
import { until } from "@hanok/testkit"
import type { Stage } from "@hanok/testkit"
import { createShopApi } from "../../examples/shop/load/api.ts"
import type { ShopProcess } from "./shop-process.ts"

/** The shop as its customers have it: through HTTP, with everything typed by the contracts. */
export interface CustomerSide extends Pick<Stage, "client" | "until"> {
  readonly url: string
  /** The trace of the last request of that operation, or of the last of all. */
  traceIdOf(operation: string | undefined): string | undefined
  /** For requests that are made by hand. */
  sawTrace(operation: string, traceId: string): void
  tokenOf(identity: Identity): Promise<string>
  close(): Promise<void>
}

/** A shop of eleven processes on a busy machine comes to it all the same. */
const longestWaitMs = 60_000

interface CallOptions {
  readonly identity?: Identity
  readonly idempotencyKey?: string
}

export function createCustomerSide({ gatewayUrl, secret }: ShopProcess): CustomerSide {
  const traces = new Map<string | undefined, string>()
  const sawTrace = (operation: string, traceId: string) => {
    traces.set(operation, traceId)
    traces.set(undefined, traceId)
  }
  const api = createShopApi({ url: gatewayUrl, onExchange: ({ operation, traceId }) => sawTrace(operation, traceId) })
  const tokenOf = (identity: Identity) => signUserToken(secret, identity, 600)
  const callOf =
    (contract: Contract, operation: string) =>
    async (input: unknown, { identity, idempotencyKey }: CallOptions = {}) => {
      const token = identity ? await tokenOf(identity) : undefined
      // Typed by the contract where it is called.
      return api.call(contract, operation as never, input as never, { token, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
    }
  return {
    url: gatewayUrl,
    client: ((contract: Contract) =>
      Object.fromEntries(operationsOf(contract).map(([name]) => [name, callOf(contract, name)]))) as Stage["client"],
    until: (look, options) => until(look, { withinMs: longestWaitMs, ...options }),
    traceIdOf: (operation) => traces.get(operation),
    sawTrace,
    tokenOf,
    close: () => api.close(),
  }
}
