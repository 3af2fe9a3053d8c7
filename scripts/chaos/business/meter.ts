import { faultCodes } from "@hanok/contract"
import type { HttpAnswer } from "./http-client.ts"

/** Counts requests as they end. */
export interface Meter {
  add(operation: string, answer: HttpAnswer): void
  /** Those that were answered as they should be, a refusal included, since the beginning. */
  readonly good: number
  readonly requests: number
  /** How often each operation was asked for. */
  asked(): Readonly<Record<string, number>>
  /** How often each fault came, `operation CODE`; refusals are none. */
  faults(): Readonly<Record<string, number>>
  /** What was said with faults that are nobody's to expect: the first few of each. */
  surprises(): readonly string[]
  /** What was said to requests as if they had been wrong, which none is: the first few. */
  misunderstood(): readonly string[]
}

export function createMeter(): Meter {
  const faults = new Map<string, number>()
  const asked = new Map<string, number>()
  const surprises: string[] = []
  const misunderstood: string[] = []
  let good = 0
  let requests = 0
  return {
    add(operation, answer) {
      requests += 1
      asked.set(operation, (asked.get(operation) ?? 0) + 1)
      const name = `${operation} ${answer.code ?? answer.status}`
      if (isMisunderstanding(answer)) {
        if (misunderstood.length < mostSurprises) misunderstood.push(`${name}: ${detailOf(answer.body)}`)
      } else if (isDefinite(answer)) good += 1
      else {
        faults.set(name, (faults.get(name) ?? 0) + 1)
        if (unexpected.has(answer.code ?? "") && surprises.length < mostSurprises) surprises.push(`${name}: ${detailOf(answer.body)}`)
      }
    },
    get good() {
      return good
    },
    get requests() {
      return requests
    },
    asked: () => Object.fromEntries(asked),
    surprises: () => surprises,
    misunderstood: () => misunderstood,
    faults: () => Object.fromEntries([...faults].sort(([, one], [, other]) => other - one)),
  }
}

const unexpected = new Set(["INTERNAL", "INVALID_OUTPUT"])
const mostSurprises = 20

function detailOf(body: unknown): string {
  if (typeof body !== "object" || body === null) return String(body)
  const { detail, traceId } = body as Readonly<Record<string, unknown>>
  return `${String(detail)} (trace ${String(traceId)})`
}

/** Answers with a status below 500 that say nothing about the business: asked again later, there may be another. */
const passing = new Set(["IN_PROGRESS", "TOO_MANY_REQUESTS", "UNAUTHENTICATED", "CANCELLED"])

/** Whether it says once and for all what became of the request. */
export function isDefinite({ status, code }: HttpAnswer): boolean {
  return status >= 200 && status < 500 && !passing.has(code ?? "")
}

// Refusals are the business's own; a fault that is definite, and what has no code, says that the request was not as it should be.
function isMisunderstanding(answer: HttpAnswer): boolean {
  const { code } = answer
  return code !== undefined && isDefinite(answer) && (code in faultCodes || code.startsWith("HTTP_"))
}
