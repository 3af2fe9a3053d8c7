import { errorOf, Fault, httpBindingOf, operationsOf } from "@hanok/contract"
import type { CallInput, CallOutput, Contract, HttpBinding, OperationName, Problem } from "@hanok/contract"
import { Agent } from "undici"

/** How one request ended. */
export interface Exchange {
  /** `order.placeOrder` */
  readonly operation: string
  /** 0 when there was no answer. */
  readonly status: number
  /** Of the refusal or fault; `NETWORK` or `TIMEOUT` when there was no answer; `undefined` when all went well. */
  readonly code: string | undefined
  readonly ms: number
  /** As the gateway names it; empty when there was no answer. */
  readonly traceId: string
}

interface Credentials {
  readonly token?: string | undefined
  /** For commands; a new one for each call when not given. */
  readonly idempotencyKey?: string
}

/** The shop's HTTP API, typed by its contracts. */
export interface ShopApi {
  /** Rejects with a `Refusal` or a `Fault`, as a port does; `UNAVAILABLE` when there was no answer. */
  call<C extends Contract, Op extends OperationName<C>>(
    contract: C,
    operation: Op,
    input: CallInput<C["declarations"][Op]>,
    credentials?: Credentials,
  ): Promise<CallOutput<C["declarations"][Op]>>
  /** Cuts what is under way. */
  close(): Promise<void>
}

export interface ApiOptions {
  /** For example `http://127.0.0.1:3000`. */
  readonly url: string
  /** Told of every request when it has ended. */
  readonly onExchange?: (exchange: Exchange) => void
  /** The longest a request may take, in milliseconds; 15 000 when not given. */
  readonly timeoutMs?: number
}

export function createShopApi({ url, onExchange = () => undefined, timeoutMs = 15_000 }: ApiOptions): ShopApi {
  const agent = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connect: { timeout: timeoutMs } })
  const { origin } = new URL(url)
  return {
    async call(contract, operation, input, credentials = {}) {
      const route = routeOf(contract, operation)
      const begun = performance.now()
      const name = `${contract.name}.${operation}`
      const ended = (status: number, code: string | undefined, traceId = "") =>
        onExchange({ operation: name, status, code, ms: performance.now() - begun, traceId })
      const sent = send(agent, origin, route, input, credentials)
      const { status, body, traceId } = await sent.catch((error: unknown) => {
        const code = isTimeout(error) ? "TIMEOUT" : "NETWORK"
        ended(0, code)
        throw new Fault("UNAVAILABLE", `No answer to ${name}: ${String(error)}`, { cause: error })
      })
      if (status < 400) {
        ended(status, undefined, traceId)
        // What the shop's gateway lets out has been parsed by the contract.
        return body as never
      }
      const problem = problemIn(body, status)
      ended(status, problem.code, traceId)
      throw errorOf(problem, contract.name, operation)
    },
    close: () => agent.destroy(),
  }
}

interface Route {
  readonly isCommand: boolean
  readonly binding: HttpBinding
}

const routes = new WeakMap<Contract, ReadonlyMap<string, Route>>()

function routeOf(contract: Contract, operation: string): Route {
  const known = routes.get(contract) ?? routesOf(contract)
  routes.set(contract, known)
  const route = known.get(operation)
  if (!route) throw new Error(`${contract.name}.${operation} has no route: it cannot be called from outside.`)
  return route
}

function routesOf(contract: Contract): ReadonlyMap<string, Route> {
  const found = operationsOf(contract).flatMap(([name, operation]): [string, Route][] => {
    const binding = httpBindingOf(operation)
    return binding ? [[name, { binding, isCommand: operation.kind === "command" }]] : []
  })
  return new Map(found)
}

async function send(agent: Agent, origin: string, { binding, isCommand }: Route, input: unknown, credentials: Credentials) {
  // Inputs of operations with a route are objects.
  const { path, query, body } = binding.encode(input as Readonly<Record<string, unknown>>)
  const filled = binding.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""))
  const pairs = Object.entries(query).flatMap(([name, values]) => [values].flat().map((value) => [name, value]))
  const { token, idempotencyKey } = credentials
  const response = await agent.request({
    origin,
    path: pairs.length === 0 ? filled : `${filled}?${new URLSearchParams(pairs).toString()}`,
    method: binding.method,
    headers: {
      accept: "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(isCommand ? { "idempotency-key": idempotencyKey ?? crypto.randomUUID() } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await response.body.text()
  const traceId = String(response.headers["x-trace-id"] ?? "")
  return { status: response.statusCode, body: text === "" ? undefined : jsonOr(text), traceId }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

// Something between us and the shop may answer for it, and not with a problem document.
function problemIn(body: unknown, status: number): Problem {
  if (typeof body === "object" && body !== null && "code" in body && typeof body.code === "string") return body as Problem
  return { type: "about:blank", title: "", status, detail: String(body).slice(0, 200), code: `HTTP_${status}`, traceId: "" }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && /TIMEOUT/.test(String(error.code))
}
