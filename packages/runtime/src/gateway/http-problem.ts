/** What can be wrong with a request before it is known to be a call; joins the codes of faults at the gateway. */
export const httpProblems = {
  MALFORMED_REQUEST: { status: 400, hint: "Send a valid HTTP/1.1 request." },
  MALFORMED_JSON: { status: 400, hint: "Send JSON (RFC 8259) in UTF-8." },
  NOT_FOUND: { status: 404, hint: "The paths that exist are in /openapi.json, and at /docs for reading." },
  METHOD_NOT_ALLOWED: { status: 405, hint: "Use one of the methods in the Allow header." },
  REQUEST_TIMEOUT: { status: 408, hint: "Send the whole request without long pauses." },
  BODY_TOO_LARGE: { status: 413, hint: "Send less at once." },
  URL_TOO_LONG: { status: 414, hint: "Send less in the URL." },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, hint: "Send the body as JSON, not compressed, with the header Content-Type: application/json." },
  EXPECTATION_FAILED: { status: 417, hint: "Send no Expect header, or Expect: 100-continue." },
  TOO_MANY_REQUESTS: { status: 429, hint: "Repeat after the time in the Retry-After header." },
  HEADERS_TOO_LARGE: { status: 431, hint: "Send fewer or shorter headers." },
} as const satisfies Record<string, { status: number; hint: string }>

export type HttpProblemCode = keyof typeof httpProblems

export interface HttpProblemOptions {
  /** They go out with the answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** The soonest worthwhile repetition, in milliseconds. */
  readonly retryAfterMs?: number
}

/** A request that is not a call. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem"
  readonly code: HttpProblemCode
  readonly status: number
  readonly hint: string
  readonly headers: Readonly<Record<string, string>>
  readonly retryAfterMs: number | undefined

  constructor(code: HttpProblemCode, message: string, options: HttpProblemOptions = {}) {
    super(message)
    this.code = code
    this.status = httpProblems[code].status
    this.hint = httpProblems[code].hint
    this.headers = options.headers ?? {}
    this.retryAfterMs = options.retryAfterMs
  }
}
