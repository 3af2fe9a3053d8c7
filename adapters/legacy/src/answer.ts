import { Fault, Refusal } from "@hanok/contract"
import type { Operation, Schema } from "@hanok/contract"
import type { WireReply } from "./exchange.ts"
import type { AnyMapping } from "./mapping.ts"
import { listOf, parse } from "./reply.ts"
import type { Reply } from "./reply.ts"

/** One operation of a contract as it is said to one system. For the messages too. */
export interface Target {
  readonly contract: string
  readonly name: string
  readonly operation: Operation
  readonly mapping: AnyMapping
}

/** The operation's output. Throws the `Refusal` that the reply means, or a `Fault` that says what is wrong with it. */
export function answerOf(target: Target, reply: WireReply): unknown {
  const body = bodyOf(reply.text)
  const refused = refusalIn(target, reply.status, body)
  if (refused) throw refused
  const { output } = target.mapping
  if (!(output.statuses?.includes(reply.status) ?? isSuccess(reply.status))) throw statusFault(target, reply)
  const read = readBy(target, output, body)
  if ("issues" in read) throw unexpected(target, reply, `has ${listOf(read.issues)}`, { issues: read.issues })
  return declared(target, target.operation.output, read.value)
}

/** `settlement-core.statementOf` */
export function nameOf({ contract, name }: Target): string {
  return `${contract}.${name}`
}

function refusalIn(target: Target, status: number, body: unknown): Refusal | undefined {
  for (const [code, form] of Object.entries(target.mapping.refusals ?? {})) {
    if (!(form.statuses?.includes(status) ?? (isSuccess(status) || isRejection(status)))) continue
    const read = readBy(target, form, body)
    if ("issues" in read) continue
    const schema = target.operation.refusals[code]?.schema
    return new Refusal(target.contract, target.name, code, schema ? declared(target, schema, read.value) : read.value)
  }
  return undefined
}

// What the mapping has made, as the contract's schema makes it: with its defaults, and without what it does not declare.
function declared(target: Target, schema: Schema, value: unknown): unknown {
  const parsed = parse(schema, value)
  if (!("issues" in parsed)) return parsed.value
  const { issues } = parsed
  throw new Fault("INVALID_OUTPUT", `The mapping of ${nameOf(target)} made what its contract does not declare: ${listOf(issues)}.`, {
    issues,
    hint: "Mend the mapping's `decode`, which makes it.",
  })
}

function readBy(target: Target, form: Reply<unknown>, body: unknown): ReturnType<Reply<unknown>["read"]> {
  try {
    return form.read(body)
  } catch (error) {
    throw new Fault(
      "INVALID_OUTPUT",
      `The mapping of ${nameOf(target)} failed on a reply that its schema lets through: ${String(error)}.`,
      {
        cause: error,
        hint: "Mend the mapping's `decode`, or make its schema stricter.",
      },
    )
  }
}

// What a proxy or the system says about itself passes by itself; a failure of its own may come with every repetition.
function statusFault(target: Target, reply: WireReply): Fault {
  const said = `${target.contract} answered ${target.mapping.request} with ${reply.status}`
  const retryAfterMs = retryAfterOf(reply)
  if (reply.status === 429) return new Fault("OVERLOADED", `The legacy system ${said}.`, { retryAfterMs })
  if ([502, 503, 504].includes(reply.status)) return new Fault("UNAVAILABLE", `The legacy system ${said}.`, { retryAfterMs })
  if (reply.status >= 500) {
    return new Fault("INTERNAL", `The legacy system ${said}: ${excerptOf(reply)}`, {
      hint: "Look into the legacy system's own log. A command may still have been carried out.",
    })
  }
  return new Fault("INTERNAL", `The legacy system ${said}, which the mapping of ${nameOf(target)} does not know: ${excerptOf(reply)}`, {
    hint: "Give the mapping an output or a refusal for that status. Redirects are not followed.",
  })
}

function unexpected(target: Target, reply: WireReply, what: string, options: { readonly issues: Fault["issues"] }): Fault {
  const said = `${target.contract} answered ${target.mapping.request} with ${reply.status}`
  return new Fault(
    "INVALID_OUTPUT",
    `The legacy system ${said} and a body that is not as expected: it ${what}. It is: ${excerptOf(reply)}`,
    {
      ...options,
      hint: "Mend the schema of the mapping, or the legacy system. A command may still have been carried out.",
    },
  )
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const shownLength = 200

function excerptOf({ text }: WireReply): string {
  if (text === "") return "(empty)"
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`
}

const defaultRetryAfterMs = 1_000
const longestRetryAfterMs = 3_600_000

// RFC 9110, 10.2.3: seconds or a date.
function retryAfterOf({ headers }: WireReply): number {
  const text = headers["retry-after"]
  if (text === undefined) return defaultRetryAfterMs
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) ? Math.min(longestRetryAfterMs, Math.max(0, ms)) : defaultRetryAfterMs
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function isRejection(status: number): boolean {
  return status >= 400 && status < 500
}
