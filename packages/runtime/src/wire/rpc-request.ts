import type { IncomingMessage } from "node:http"
import { Fault } from "@hanok/contract"
import type { Identity } from "@hanok/contract"
import { HttpProblem } from "../gateway/http-problem.ts"
import { parseJsonBody } from "../gateway/json-body.ts"

const longestBodyBytes = 1024 * 1024
const defaultTimeoutMs = 10_000
const longestTimeoutMs = 300_000

/** The body as JSON. Throws an `HttpProblem`, or a `Fault` `INVALID_INPUT`, like the gateway. */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const type = headerOf(request, "content-type") ?? ""
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    const named = type === "" ? "of no stated type" : type.slice(0, 100)
    throw new HttpProblem("UNSUPPORTED_MEDIA_TYPE", `The body is ${named}; calls carry application/json.`)
  }
  if (Number(headerOf(request, "content-length")) > longestBodyBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let length = 0
  // `destroyOnReturn` is off, for the answer to a body that is too long still has to leave on its connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestBodyBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return parseJsonBody(Buffer.concat(chunks))
}

/** How long the caller waits, in milliseconds: the header `hanok-timeout-ms`. */
export function timeoutOf(request: IncomingMessage): number {
  const text = headerOf(request, "hanok-timeout-ms")
  if (text === undefined) return defaultTimeoutMs
  const timeoutMs = Number(text)
  if (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= longestTimeoutMs) return timeoutMs
  const message = `The header hanok-timeout-ms is "${text.slice(0, 20)}"; it takes whole milliseconds from 1 to ${longestTimeoutMs}.`
  throw new Fault("INVALID_INPUT", message)
}

/** The end user for whom the program calls, vouched for by its token: `hanok-subject`, and `hanok-roles` separated by commas. */
export function identityOf(request: IncomingMessage): Identity | undefined {
  const subject = headerOf(request, "hanok-subject")
  if (subject === undefined) return undefined
  const roles = (headerOf(request, "hanok-roles") ?? "").split(",").map((role) => role.trim())
  return { subject, roles: roles.filter((role) => role !== "") }
}

export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === "string" ? value : undefined
}

function tooLarge(): HttpProblem {
  return new HttpProblem("BODY_TOO_LARGE", `The body is longer than ${longestBodyBytes} bytes.`, { headers: { connection: "close" } })
}
