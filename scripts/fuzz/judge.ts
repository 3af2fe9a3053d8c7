/** What came of an input. */
export interface Reaction {
  /** Of HTTP; 0 when the connection was closed without an answer. */
  readonly status: number
  /** Of the problem document, or of the fault on the wire. */
  readonly code: string | undefined
  readonly body: string
}

/** What the input was, as far as it matters for the verdict. */
export interface Circumstances {
  /** It goes where only somebody known may. */
  readonly isProtected: boolean
  /** It proves that who sends it may. */
  readonly isKnown: boolean
}

export type Verdict = "fine" | "shed" | "server error" | "let in" | "shows its inside" | "hangs"

/** What may be said to somebody who is not known. 400 and the like are for what is not even a request. */
const refusals = new Set([0, 400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 426, 431])

export function judge({ status, code, body }: Reaction, { isProtected, isKnown }: Circumstances): Verdict {
  if (status === 503 && code === "OVERLOADED") return "shed"
  if (status >= 500) return "server error"
  if (isProtected && !isKnown && !refusals.has(status)) return "let in"
  if (/\bat .{1,200}:\d+:\d+\)?(?:\\n|\n|$)|node_modules|file:\/\/\//.test(body)) return "shows its inside"
  return "fine"
}
