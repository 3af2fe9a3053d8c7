import type { IncomingMessage } from "node:http"
import { Fault } from "@hanok/contract"
import type { Identity } from "@hanok/contract"
import { readJsonBody } from "../gateway/request-body.ts"

const longestBodyBytes = 1024 * 1024
const defaultTimeoutMs = 10_000
const longestTimeoutMs = 300_000

/** The body as JSON. Rejects with an `HttpProblem`, or a `Fault` `INVALID_INPUT`, like the gateway. */
export function bodyOf(request: IncomingMessage): Promise<unknown> {
  return new Promise((received, refused) => readJsonBody(request, longestBodyBytes, { received, refused }))
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
