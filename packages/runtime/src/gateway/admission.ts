import type { IncomingMessage } from "node:http"
import { Fault } from "@hanok/contract"
import { Gate } from "../resilience/gate.ts"
import type { Compartment, GateOperation } from "../resilience/gate.ts"
import { HttpProblem } from "./http-problem.ts"
import { clientOf, createRateLimit } from "./rate-limit.ts"
import type { Allowance, RateLimit } from "./rate-limit.ts"
import type { GatewayRoute } from "./routes.ts"
import { SlowClients } from "./slow-clients.ts"
import type { HeldUp } from "./slow-clients.ts"

export const longestUrl = 8192

export interface AdmissionLimits {
  /** 0 for no limit. */
  readonly requestsPerSecond: number
  /** The most; what is good for the process is found out, and is less. */
  readonly concurrentRequests: number
}

/** Decides which requests are carried out. */
export interface Admission {
  /**
   * Before anything is read or verified. Throws an `HttpProblem`, or a `Fault` `OVERLOADED`. What it lets in counts until
   * `leave`. `route` is undefined for paths that lead to no operation.
   */
  enter(request: IncomingMessage, address: string, route: GatewayRoute | undefined): void
  leave(request: HeldUp): void
  /** The request waits for its client from now on, until it leaves or is waited for no more: it may be given up for another. */
  readonly slow: Pick<SlowClients, "add" | "delete">
  /** Where the calls of a route wait for their turn; to be asked once for each. */
  turnstile(route: GatewayRoute): Turnstile
  readonly gate: Gate
}

/** What all calls of a route have in common at the gate. */
export interface Turnstile {
  readonly gate: Gate
  readonly operation: GateOperation
  /** One module's requests leave room for those of the others. */
  readonly compartment: Compartment
  readonly timeoutMs: number
}

const overloadedRetryMs = 1_000
/** A browser opens six connections, and people notice a tenth of a second. */
const gateLimits = { least: 32, allowanceMs: 100, patientMs: 500 }

export function createAdmission({ requestsPerSecond, concurrentRequests }: AdmissionLimits): Admission {
  const rate = requestsPerSecond > 0 ? createRateLimit(requestsPerSecond) : undefined
  const gate = new Gate({ name: "The gateway", most: concurrentRequests, ...gateLimits, retryAfterMs: overloadedRetryMs })
  const slow = new SlowClients()
  let inside = 0
  return {
    gate,
    slow,
    enter(request, address, route) {
      if (rate) checkRate(rate, address, gate)
      checkForm(request)
      if (inside >= concurrentRequests) slow.makeRoom()
      if (inside >= concurrentRequests) {
        gate.counts.shed[route?.declaration.priority ?? "normal"] += 1
        throw overloaded(concurrentRequests)
      }
      const shed = route && gate.shedsAtOnce(route.declaration.priority, gate.compartment(route.contract))
      if (shed) throw shed
      inside += 1
    },
    leave(request) {
      inside -= 1
      slow.delete(request)
    },
    turnstile({ contract, name, declaration }) {
      const operation = gate.operation(name, declaration.priority)
      return { gate, operation, compartment: gate.keep(contract), timeoutMs: declaration.timeoutMs }
    },
  }
}

function checkRate(rate: RateLimit, address: string, { counts }: Gate): void {
  const allowance = rate.take(clientOf(address), performance.now())
  if (allowance.waitMs === 0) return
  counts.rateLimited += 1
  throw new HttpProblem(
    "TOO_MANY_REQUESTS",
    `More than ${rate.burst} requests at once, or ${rate.perSecond} a second, came from this address.`,
    {
      headers: { "retry-after": String(Math.ceil(allowance.waitMs / 1000)), ...rateHeaders(rate, allowance) },
      retryAfterMs: allowance.waitMs,
    },
  )
}

// draft-ietf-httpapi-ratelimit-headers
function rateHeaders(rate: RateLimit, { remaining, waitMs }: Allowance): Readonly<Record<string, string>> {
  const windowS = Math.ceil(rate.refillMs / 1000)
  return {
    "ratelimit-policy": `"client";q=${Math.floor(rate.burst)};w=${windowS}`,
    ratelimit: `"client";r=${remaining};t=${Math.ceil(waitMs / 1000)}`,
  }
}

function checkForm(request: IncomingMessage): void {
  const { url = "", headers, httpVersion } = request
  if (url.length > longestUrl) throw new HttpProblem("URL_TOO_LONG", `The URL has ${url.length} characters; ${longestUrl} are the most.`)
  if (headers.host === undefined && httpVersion === "1.1") throw new HttpProblem("MALFORMED_REQUEST", "The header Host is missing.")
  if (!hostForm.test(headers.host ?? "")) throw new HttpProblem("MALFORMED_REQUEST", "The header Host is not one host.")
}

// RFC 9112, section 3.2. Node has joined repetitions of a header with `, `, and a host has no space.
const hostForm = /^[\w.~!$&'()*+,;=%:[\]-]*$/

function overloaded(concurrentRequests: number): Fault {
  const message = `${concurrentRequests} requests are being carried out, which is the most; this one was not begun.`
  return new Fault("OVERLOADED", message, { retryAfterMs: overloadedRetryMs })
}
