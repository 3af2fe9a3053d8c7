import type { IncomingMessage } from "node:http"
import { Fault } from "@hanok/contract"
import { HttpProblem } from "./http-problem.ts"
import { clientOf, createRateLimit } from "./rate-limit.ts"
import type { Allowance, RateLimit } from "./rate-limit.ts"

export const longestUrl = 8192

export interface AdmissionLimits {
  /** 0 for no limit. */
  readonly requestsPerSecond: number
  readonly concurrentRequests: number
}

/** Decides which requests are carried out, before anything is read or verified. */
export interface Admission {
  /** Throws an `HttpProblem`, or a `Fault` `OVERLOADED`. What it lets in counts until `leave`. */
  enter(request: IncomingMessage, address: string): void
  leave(): void
}

const overloadedRetryMs = 1_000

export function createAdmission({ requestsPerSecond, concurrentRequests }: AdmissionLimits): Admission {
  const rate = requestsPerSecond > 0 ? createRateLimit(requestsPerSecond) : undefined
  let inside = 0
  return {
    enter(request, address) {
      if (rate) checkRate(rate, address)
      checkForm(request)
      if (inside >= concurrentRequests) throw overloaded(concurrentRequests)
      inside += 1
    },
    leave() {
      inside -= 1
    },
  }
}

function checkRate(rate: RateLimit, address: string): void {
  const allowance = rate.take(clientOf(address), performance.now())
  if (allowance.waitMs === 0) return
  throw new HttpProblem(
    "TOO_MANY_REQUESTS",
    `More than ${rate.burst} requests at once, or ${rate.burst / 2} a second, came from this address.`,
    {
      headers: { "retry-after": String(Math.ceil(allowance.waitMs / 1000)), ...rateHeaders(rate, allowance) },
      retryAfterMs: allowance.waitMs,
    },
  )
}

// draft-ietf-httpapi-ratelimit-headers
function rateHeaders(rate: RateLimit, { remaining, waitMs }: Allowance): Readonly<Record<string, string>> {
  return { "ratelimit-policy": `"client";q=${rate.burst};w=2`, ratelimit: `"client";r=${remaining};t=${Math.ceil(waitMs / 1000)}` }
}

function checkForm(request: IncomingMessage): void {
  const { url = "", headers, httpVersion } = request
  if (url.length > longestUrl) throw new HttpProblem("URL_TOO_LONG", `The URL has ${url.length} characters; ${longestUrl} are the most.`)
  if (headers.host === undefined && httpVersion === "1.1") throw new HttpProblem("MALFORMED_REQUEST", "The header Host is missing.")
}

function overloaded(concurrentRequests: number): Fault {
  const message = `${concurrentRequests} requests are being carried out, which is the most; this one was not begun.`
  return new Fault("OVERLOADED", message, { retryAfterMs: overloadedRetryMs })
}
