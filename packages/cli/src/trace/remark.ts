import type { SpanView } from "./render.ts"

/** What was out of the ordinary with a span: what was done about it, and how it failed or was refused. Empty for most. */
export function remarkOn(span: SpanView): string {
  const done = Object.entries(words).flatMap(([name, say]) => (name in span.attributes ? [say(span.attributes[name])] : []))
  return [...done, ...endOf(span)].join("; ")
}

// How it ended further down is told there, and not again by all who waited for it.
function endOf(span: SpanView): readonly string[] {
  const { failed, message, attributes, children } = span
  const refusal = attributes["hanok.refusal"]
  if (refusal !== undefined)
    return children.some((child) => child.attributes["hanok.refusal"] === refusal) ? [] : [`refused: ${String(refusal)}`]
  if (!failed || children.some((child) => child.failed && child.message === message)) return []
  const text = [attributes["error.type"], message].filter((part) => typeof part === "string" && part !== "").join(": ")
  return text === "" ? [] : [text]
}

/** See `docs/concepts/resilience.md`. */
const words: Readonly<Record<string, (value: unknown) => string>> = {
  "hanok.repeated": () => "done before, answered again",
  "hanok.queued_ms": (ms) => `waited ${Number(ms).toFixed(1)} ms for room`,
  "hanok.shed": () => "shed",
  "hanok.attempts": (count) => `${Number(count)} attempts`,
  "hanok.over_budget": () => "not repeated: the budget was used up",
  "hanok.hedged": (outcome) => `hedged: ${String(outcome)}`,
  "hanok.breaker": (state) => `breaker ${String(state)}`,
}
