import { operationsOf } from "@hanok/contract"
import type { Adapter, AdapterHost, Client, Contract, Filled } from "@hanok/contract"
import type { Target } from "./answer.ts"
import { baseUrlOf, notSet } from "./base-url.ts"
import { legacyCall } from "./call.ts"
import type { LegacyCall } from "./call.ts"
import { createLine } from "./exchange.ts"
import type { AnyMapping, OperationMappings } from "./mapping.ts"

export interface LegacyHttpOptions<C extends Contract> {
  /** The environment variable that holds the base URL, for example `LEGACY_SETTLEMENT_URL`. A user and password in it become basic authentication. */
  readonly baseUrlFrom: string
  readonly operations: OperationMappings<C>
  /**
   * The most requests under way at once from one process; more wait in line. 10 when not given: old systems bear little.
   * Half of them are for queries and half for commands, one each at least, so that a long line of the one does not keep the other waiting.
   */
  readonly connections?: number
  /** The longest reply in bytes; 4 MiB when not given. */
  readonly longestReplyBytes?: number
}

/**
 * Fills a contract with calls to an HTTP program that was not written with Hanok. The port is the contract's client, the same
 * as if a module stood behind it: inputs and outputs are parsed, refusals come typed by code, deadline, cancellation, trace
 * (`traceparent`) and idempotency key (`idempotency-key`) travel along. So the day a module replaces the old system, the
 * contract moves from `needs` to `uses`, and no handler changes.
 *
 * The need is always ready: an old system that is away makes its own calls fail with `UNAVAILABLE`, and nothing else. The same
 * goes for an address that is not set.
 * @example
 * needs: {
 *   core: legacyHttp(settlementCoreContract, {
 *     baseUrlFrom: "LEGACY_SETTLEMENT_URL",
 *     operations: {
 *       statementOf: {
 *         request: "GET /settle/partner.do",
 *         query: ({ partnerId, month }) => ({ pid: partnerId, ym: month }),
 *         output: reply(Statement, ({ data }) => ({ netCents: data.netAmt })),
 *         refusals: { PARTNER_UNKNOWN: reply(z.object({ result: z.literal("0004") }), () => ({})) },
 *       },
 *     },
 *   }),
 * }
 */
export function legacyHttp<C extends Contract>(contract: C, options: LegacyHttpOptions<C>): Adapter<Client<C>> {
  return { kind: "adapter", technology: "http", create: async (host) => createFilled(contract, options, host) }
}

const defaultConnections = 10
const defaultLongestReplyBytes = 4 * 1024 * 1024

function createFilled<C extends Contract>(contract: C, options: LegacyHttpOptions<C>, host: AdapterHost): Filled<Client<C>> {
  const base = baseUrlOf(host, options.baseUrlFrom)
  if (!base) {
    host.log.warn(`${options.baseUrlFrom} is not set: calls to the legacy system ${contract.name} will fail`)
    return { port: portOf(contract, options, () => () => Promise.reject(notSet(contract.name, options.baseUrlFrom))) }
  }
  const each = Math.max(1, Math.floor((options.connections ?? defaultConnections) / 2))
  const isSecure = base.url.protocol === "https:"
  const lines = { query: createLine(isSecure, each), command: createLine(isSecure, each) }
  const system = { module: host.module, base, lines, longestReplyBytes: options.longestReplyBytes ?? defaultLongestReplyBytes }
  const port = portOf(contract, options, (target) => legacyCall(target, system))
  return { port, close: async () => Object.values(lines).forEach((line) => line.close()) }
}

function portOf<C extends Contract>(contract: C, options: LegacyHttpOptions<C>, callOf: (target: Target) => LegacyCall): Client<C> {
  // Each mapping takes what its own operation's schema makes; here they are looked up by name.
  const mappings = options.operations as unknown as Readonly<Record<string, AnyMapping>>
  const functions = operationsOf(contract).map(([name, operation]) => {
    const mapping = mappings[name]
    if (!mapping) throw new Error(`The mapping of the legacy system ${contract.name} has no operation ${name}; its contract does.`)
    return [name, callOf({ contract: contract.name, name, operation, mapping })] as const
  })
  // One function for each operation, which is what the mapped type says.
  return Object.fromEntries(functions) as Client<C>
}
