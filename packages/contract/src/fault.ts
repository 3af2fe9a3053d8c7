/** Every code a fault can have. What to do about each is in `docs/errors.md`. */
export const faultCodes = {
  INVALID_INPUT: { retryable: false, status: 400, hint: "Send what the contract declares; the fields that do not fit are listed with it." },
  INVALID_OUTPUT: {
    retryable: false,
    status: 500,
    hint: "The callee's handler returned what its contract does not declare; mend the handler.",
  },
  UNAUTHENTICATED: { retryable: false, status: 401, hint: "Send a valid, unexpired token." },
  FORBIDDEN: {
    retryable: false,
    status: 403,
    hint: "Use an identity with the role the operation asks for; between modules, declare the contract in `uses`.",
  },
  UNKNOWN_OPERATION: {
    retryable: false,
    status: 404,
    hint: "Check the names against the contract, and which version of it the callee runs.",
  },
  INCOMPATIBLE_CONTRACT: {
    retryable: false,
    status: 503,
    hint: "Deploy versions of caller and callee whose contracts fit; the message names the field.",
  },
  IDEMPOTENCY_KEY_REUSED: { retryable: false, status: 422, hint: "Use a new idempotency key for a different input." },
  IN_PROGRESS: {
    retryable: true,
    status: 409,
    hint: "The same command is still being carried out; repeat it later with the same idempotency key.",
  },
  CANCELLED: { retryable: false, status: 499, hint: "The caller went away; the command may still have been carried out." },
  DEADLINE_EXCEEDED: { retryable: true, status: 504, hint: "The outcome is unknown: repeat a command only with its idempotency key." },
  UNAVAILABLE: { retryable: true, status: 503, hint: "The service could not be reached; it may be starting. Repeat later." },
  OVERLOADED: { retryable: true, status: 503, hint: "The service is shedding load; repeat after the time it names." },
  INTERNAL: { retryable: false, status: 500, hint: "Look up the trace id in the logs and spans of the module that failed." },
} as const satisfies Record<string, { retryable: boolean; status: number; hint: string }>

export type FaultCode = keyof typeof faultCodes

/** One place in an input or output that does not fit its schema. */
export interface Issue {
  /** JSON Pointer into the value (RFC 6901); empty for the whole. */
  readonly field: string
  readonly message: string
}

export interface FaultOptions {
  readonly issues?: readonly Issue[] | undefined
  readonly cause?: unknown
  /**
   * For `OVERLOADED` and `UNAVAILABLE`: the soonest worthwhile repetition, in milliseconds. What is no finite number, or is below 0,
   * such as what `Number` makes of a header that is not there, is left out.
   */
  readonly retryAfterMs?: number | undefined
  /** In place of the code's own hint. */
  readonly hint?: string | undefined
}

/**
 * Anything that went wrong and is not a declared refusal. Matched by `code`.
 * A fault never claims that a command did not run, unless it was rejected before it was sent.
 */
export class Fault extends Error {
  override readonly name = "Fault"
  readonly code: FaultCode
  readonly hint: string
  readonly retryable: boolean
  readonly issues: readonly Issue[]
  readonly retryAfterMs: number | undefined

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint ?? faultCodes[code].hint
    this.retryable = faultCodes[code].retryable
    this.issues = options.issues ?? []
    this.retryAfterMs = isTime(options.retryAfterMs) ? options.retryAfterMs : undefined
  }
}

// Whoever waits counts with it, also in another process: how long to leave a replica alone, when to come again.
function isTime(ms: unknown): boolean {
  return typeof ms === "number" && ms >= 0 && ms < Number.POSITIVE_INFINITY
}

/** Of what will not be asked (a revoked proxy, a `name` that throws) it says no. Never throws. */
export function isFault(error: unknown, code?: FaultCode): error is Fault {
  try {
    if (!(error instanceof Error) || error.name !== "Fault" || !("code" in error)) return false
    const { code: own } = error
    return code === undefined || own === code
  } catch {
    return false
  }
}
