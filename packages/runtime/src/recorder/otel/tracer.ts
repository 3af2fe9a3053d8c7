import { context, INVALID_SPAN_CONTEXT, isSpanContextValid, trace } from "@opentelemetry/api"
import type { Context, Span, SpanOptions, Tracer } from "@opentelemetry/api"
import type { Recorder } from "../recorder.ts"
import type { Scope } from "../span-details.ts"
import { newRootSpanIds, newSpanIds, parseSpanIds } from "../span-ids.ts"
import type { SpanIds } from "../span-ids.ts"
import { kinds, LibrarySpan } from "./span.ts"
import { timeMsOf } from "./time.ts"
import { isUntraced } from "./untraced.ts"

/** Makes a library's spans. All are recorded. */
export function createTracer(recorder: Recorder, scope: Scope): Tracer {
  const startSpan = (name: string, options: SpanOptions = {}, within: Context = context.active()): Span => {
    if (isUntraced(within)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
    const start = { recorder, scope, ids: idsBelow(within, options), name, kind: kinds[options.kind ?? 0] ?? "internal" }
    const span = new LibrarySpan({ ...start, startMs: timeMsOf(options.startTime) })
    return span.setAttributes(options.attributes ?? {}).addLinks(options.links ?? [])
  }
  return { startSpan, startActiveSpan: (name: string, ...rest: readonly unknown[]) => startActiveSpan(startSpan, name, rest) }
}

function idsBelow(within: Context, { root = false }: SpanOptions): SpanIds {
  const parent = root ? undefined : trace.getSpan(within)
  if (!parent) return newRootSpanIds()
  if (parent instanceof LibrarySpan) return newSpanIds(parent.ids)
  const { traceId, spanId } = parent.spanContext()
  return isSpanContextValid({ traceId, spanId, traceFlags: 1 }) ? newSpanIds(parseSpanIds(traceId, spanId)) : newRootSpanIds()
}

// `rest` is the function, or options and the function, or options, a context and the function.
function startActiveSpan<T>(startSpan: Tracer["startSpan"], name: string, rest: readonly unknown[]): T {
  // The overloads of `Tracer.startActiveSpan` allow just that.
  const work = rest.at(-1) as (span: Span) => T
  const options = (rest.length > 1 ? rest[0] : undefined) as SpanOptions | undefined
  const within = (rest.length > 2 ? rest[1] : undefined) as Context | undefined
  const parent = within ?? context.active()
  const span = startSpan(name, options, parent)
  return context.with(trace.setSpan(parent, span), () => work(span))
}
