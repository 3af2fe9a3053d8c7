import { remarkOn } from "./remark.ts"
import type { SpanView } from "./render.ts"

/** Fewer lines than that are read sooner than what would stand in their place. */
const fewest = 10

/** Siblings that are told in one line, since they differ in their times only. */
export interface Fold {
  /** The one that took longest, which stands for all. */
  readonly longest: SpanView
  readonly count: number
  readonly firstStartMs: number
  readonly lastEndMs: number
  /** Of all durations, also of those at the same time. */
  readonly totalMs: number
}

/** Spans in the order of their lines: where at least ten are equal, with all below them, a fold of them in the place of the first. */
export function folded(spans: readonly SpanView[]): readonly (SpanView | Fold)[] {
  if (spans.length < fewest) return spans
  const lines = new Map<SpanView, readonly (SpanView | Fold)[]>()
  for (const equals of Map.groupBy(spans, likeness).values()) {
    if (equals.length < fewest) continue
    for (const span of equals) lines.set(span, span === equals[0] ? [foldOf(equals)] : [])
  }
  return spans.flatMap((span) => lines.get(span) ?? [span])
}

function foldOf(spans: readonly SpanView[]): Fold {
  return {
    longest: spans.reduce((longest, span) => (span.durationMs > longest.durationMs ? span : longest)),
    count: spans.length,
    firstStartMs: spans.reduce((first, { startMs }) => Math.min(first, startMs), Infinity),
    lastEndMs: spans.reduce((last, { startMs, durationMs }) => Math.max(last, startMs + durationMs), 0),
    totalMs: spans.reduce((sum, { durationMs }) => sum + durationMs, 0),
  }
}

function likeness(span: SpanView): string {
  return JSON.stringify(shown(span))
}

function shown(span: SpanView): readonly unknown[] {
  return [span.name, span.service, span.resource, span.failed, remarkOn(span), span.children.map(shown)]
}
