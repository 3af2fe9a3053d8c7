import { Fault, isFault, isRefusal } from "@hanok/contract"
import type { Refusal } from "@hanok/contract"
import { HttpProblem } from "./http-problem.ts"

/** Whatever was thrown while a request was handled, as one of the three kinds that have an answer of their own. */
export function answerable(error: unknown): Refusal | Fault | HttpProblem {
  if (error instanceof HttpProblem || isFault(error) || isRefusal(error)) return error
  const { code, statusCode } = codesOf(error)
  if (code === "FST_ERR_BAD_URL") return malformed("The path is not valid: its percent-encoding is not UTF-8, or incomplete.")
  if (code === "FST_ERR_MAX_PARAM_LENGTH") return new HttpProblem("URL_TOO_LONG", "A part of the path is too long.")
  if (statusCode >= 400 && statusCode < 500) return malformed("The request could not be read to its end.")
  return new Fault("INTERNAL", "The gateway failed to answer.", { cause: error })
}

/** The answer to bytes that Node's parser did not take for HTTP (`clientError` of `node:http`). */
export function parserProblem(code: string | undefined, reason: string | undefined): HttpProblem {
  if (code === "HPE_HEADER_OVERFLOW") return new HttpProblem("HEADERS_TOO_LARGE", "The URL and headers are larger than 16 KiB together.")
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") return new HttpProblem("BODY_TOO_LARGE", "The chunk extensions are larger than 16 KiB.")
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return new HttpProblem("REQUEST_TIMEOUT", "The request did not arrive in time.")
  return malformed(`The request is not valid HTTP/1.1${reason ? `: ${reason}` : ""}.`)
}

function malformed(message: string): HttpProblem {
  return new HttpProblem("MALFORMED_REQUEST", message)
}

function codesOf(error: unknown): { code: unknown; statusCode: number } {
  if (typeof error !== "object" || error === null) return { code: undefined, statusCode: 0 }
  const statusCode = "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 0
  return { code: "code" in error ? error.code : undefined, statusCode }
}
