import type { OwnAttributes, Recorder } from "./index.ts"
import type { RecordedValue } from "./recorded-value.ts"
import type { SpanDetails } from "./span-details.ts"

/** What is recorded of a span: its own attributes, its error, and what happened on its way if anything did. */
export interface Seen {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly error: unknown
  readonly events?: SpanDetails["events"] | undefined
}

/** Keeps what is recorded, in the order in which spans end. */
export function recording(): { readonly recorder: Recorder; readonly spans: Seen[] } {
  const spans: Seen[] = []
  const add = (own: OwnAttributes | undefined, error: unknown, details?: SpanDetails) =>
    void spans.push({ attributes: Object.fromEntries(pairsOf(own?.list ?? [])), error, events: details?.events })
  const recorder: Recorder = {
    record: (_ids, _template, _kind, _startMs, _endMs, own, error, details) => add(own, error, details),
    recordBelow: (_parent, _template, _kind, _startMs, _endMs, own, error) => add(own, error),
    dropped: 0,
    flush: async () => undefined,
    close: async () => undefined,
  }
  return { recorder, spans }
}

function pairsOf(own: OwnAttributes["list"]): readonly (readonly [string, RecordedValue])[] {
  return own.flatMap((name, at) => (at % 2 === 0 ? [[String(name), own[at + 1] ?? null] as const] : []))
}
