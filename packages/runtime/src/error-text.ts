import { inspect } from "node:util"
import { isNativeError } from "node:util/types"

/**
 * What an error says, and what has caused it where it does not say so itself: `fetch failed: connect ECONNREFUSED 127.0.0.1:80`. Anything
 * can be thrown: of what has no text, which some objects have not, it tells that. Never throws.
 */
export function messageOf(error: unknown): string {
  return messageWithin(error, new Set())
}

/** The same with the places that it came by, where it knows them, and those of its causes. */
export function stackOf(error: unknown): string {
  return stackWithin(error, new Set())
}

/**
 * What kind of error it is, of which there are few: its class, or its code where that says more. What is none is OpenTelemetry's `_OTHER`.
 * Never throws.
 */
export function typeOf(error: unknown): string {
  try {
    if (!isError(error)) return "_OTHER"
    const code = error.name === "Error" && "code" in error ? error.code : undefined
    const type = typeof code === "string" ? code : error.name
    return typeof type === "string" && type !== "" ? type : "_OTHER"
  } catch {
    return "_OTHER"
  }
}

/** Of one error and its causes altogether: they can go round, and be thousands. */
const mostTold = 16

function messageWithin(error: unknown, told: Set<unknown>): string {
  const own = textOf(error, ({ message }) => message)
  const causes = causesOf(error, told).map((cause) => messageWithin(cause, told))
  const because = causes.filter((text) => text !== "").join(", ")
  if (own === "") return because
  return own.includes(because) ? own : `${own}: ${because}`
}

function stackWithin(error: unknown, told: Set<unknown>): string {
  const own = textOf(error, ({ stack, message }) => stack ?? message)
  return [own, ...causesOf(error, told).map((cause) => `caused by ${stackWithin(cause, told)}`)].join("\n")
}

/** Those that have not been told of. One that tries several ways (`AggregateError`) has failed for what each of them failed with. */
function causesOf(error: unknown, told: Set<unknown>): readonly unknown[] {
  try {
    if (!isError(error)) return []
    told.add(error)
    const each: readonly unknown[] = error instanceof AggregateError ? error.errors : []
    const untold = [error.cause, ...each].filter((cause) => cause !== undefined && !told.has(cause)).slice(0, mostTold - told.size)
    for (const cause of untold) told.add(cause)
    return untold
  } catch {
    return []
  }
}

function textOf(error: unknown, pick: (error: Error) => string): string {
  try {
    if (isError(error)) return String(pick(error))
    const text = String(error)
    // Of its class alone: what some libraries throw in place of errors has its say in its fields.
    return text.startsWith("[object ") ? inspect(error, shortly).slice(0, longestText) : text
  } catch {
    return `something without a text was thrown (of type ${typeof error})`
  }
}

const longestText = 2000
const shortly = { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 16, maxStringLength: 500 }

/** Whether it is one, also of another realm (`node:vm`). Never throws. */
export function isError(error: unknown): error is Error {
  try {
    return error instanceof Error || isNativeError(error)
  } catch {
    return false
  }
}
