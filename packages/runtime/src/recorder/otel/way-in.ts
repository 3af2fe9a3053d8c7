import { context, isSpanContextValid, ROOT_CONTEXT, SpanKind, trace, TraceFlags } from "@opentelemetry/api"
import { parseSpanIds } from "../span-ids.ts"
import type { SpanIds } from "../span-ids.ts"

/** The active span, if an instrumentation of HTTP servers has begun it: what else is active says nothing of a request that comes in. */
export function serverSpan(): SpanIds | undefined {
  const span = trace.getActiveSpan()
  if (!span || !("kind" in span) || span.kind !== SpanKind.SERVER || !isSpanContextValid(span.spanContext())) return undefined
  const { traceId, spanId } = span.spanContext()
  return parseSpanIds(traceId, spanId)
}

/** Does `work` with an active span where somebody else keeps OpenTelemetry's contexts; of a trace that is not sampled it is not, either. */
export function enter<Arguments extends unknown[], Result>(
  { traceId, spanId }: SpanIds,
  work: (...values: Arguments) => Result,
  ...values: Arguments
): Result {
  const above = trace.getActiveSpan()?.spanContext()
  const traceFlags = above?.traceId === traceId ? above.traceFlags : TraceFlags.SAMPLED
  const within = trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext({ traceId, spanId, traceFlags }))
  return context.with(within, () => work(...values))
}
