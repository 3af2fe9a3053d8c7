import type { SpanView } from "./render.ts"

/** What was out of the ordinary with a span: what was done about it, and how it failed or was refused. Empty for most. */
export function remarkOn(span: SpanView): string {
  const done = Object.entries(words).flatMap(([name, say]) => (name in span.attributes ? [say(textOf(span.attributes[name]))] : []))
  return [...done, ...attemptsOf(span), ...endOf(span)].join("; ")
}

// What the callee tells of itself stands below; of one that has vanished, or was not reached, there is nothing else.
function attemptsOf({ events, startMs, children }: SpanView): readonly string[] {
  const failed = events.filter(
    ({ name, attributes }) =>
      name === "hanok.attempt_failed" && !children.some((child) => child.failed && child.message === attributes["error.message"]),
  )
  return failed.map(({ at, attributes }) => {
    const where = attributes["hanok.replica"] ?? "an attempt"
    const reason = joined([attributes["error.type"], attributes["error.message"]])
    return `${textOf(where)} failed after ${(Date.parse(at) - startMs).toFixed(1)} ms: ${reason}`
  })
}

// How it ended further down is told there, and not again by all who waited for it.
function endOf(span: SpanView): readonly string[] {
  const { failed, message, attributes, children } = span
  const refusal = attributes["hanok.refusal"]
  if (refusal !== undefined)
    return children.some((child) => child.attributes["hanok.refusal"] === refusal) ? [] : [`refused: ${textOf(refusal)}`]
  const reason = reasonOf(span)
  // A fault may have another code on its way up: its message tells it. Of other programs many have no message.
  const isTold = (child: SpanView) => child.failed && (message === "" ? reasonOf(child) === reason : child.message === message)
  return !failed || reason === "" || children.some(isTold) ? [] : [reason]
}

/** Empty when the span does not say it. */
function reasonOf({ attributes, message, events }: SpanView): string {
  const type = attributes["error.type"]
  if (message !== "") return joined([type, message])
  // The last one is what the span ended with.
  const exception = events.findLast(({ name }) => name === "exception")?.attributes
  const told = joined([type ?? exception?.["exception.type"], exception?.["exception.message"]])
  return told === "" ? answerOf(attributes) : told
}

function joined(parts: readonly unknown[]): string {
  return parts.filter((part) => typeof part === "string" && part !== "").join(": ")
}

function answerOf(attributes: SpanView["attributes"]): string {
  const http = attributes["http.response.status_code"] ?? attributes["http.status_code"]
  if (http !== undefined) return `status ${textOf(http)}`
  const rpc = attributes["rpc.grpc.status_code"]
  return rpc === undefined ? "" : `gRPC status ${textOf(rpc)}`
}

/** See `docs/concepts/resilience.md`. */
const words: Readonly<Record<string, (value: string) => string>> = {
  "hanok.repeated": () => "done before, answered again",
  "hanok.queued_ms": (ms) => `waited ${Number(ms).toFixed(1)} ms for room`,
  "hanok.replica_wait_ms": (ms) => `waited ${Number(ms).toFixed(1)} ms for a replica`,
  "hanok.shed": () => "shed",
  "hanok.passed_on": (service) => `passed on to ${service}`,
  "hanok.attempts": (count) => `${Number(count)} attempts`,
  "hanok.over_budget": () => "not repeated: the budget was used up",
  "hanok.hedged": (outcome) => `hedged: ${outcome}`,
  "hanok.breaker": (state) => `breaker ${state}`,
}

// Any program may send any attribute: also an object, of which no text need be to be had.
function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}
