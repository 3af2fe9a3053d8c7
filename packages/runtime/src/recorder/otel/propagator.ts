import { isSpanContextValid, trace, TraceFlags } from "@opentelemetry/api"
import type { TextMapPropagator } from "@opentelemetry/api"
import { parseTraceparent } from "../span-ids.ts"

/** W3C Trace Context: the header `traceparent`, always sampled. `tracestate` and baggage are not carried. */
export const propagator: TextMapPropagator<unknown> = {
  inject(context, carrier, setter) {
    const active = trace.getSpanContext(context)
    if (active && isSpanContextValid(active)) setter.set(carrier, "traceparent", `00-${active.traceId}-${active.spanId}-01`)
  },
  extract(context, carrier, getter) {
    const header = getter.get(carrier, "traceparent")
    const ids = parseTraceparent((Array.isArray(header) ? header[0] : header) ?? "")
    if (!ids) return context
    return trace.setSpanContext(context, {
      traceId: ids.traceId,
      spanId: ids.spanId,
      traceFlags: TraceFlags.SAMPLED,
      isRemote: true,
    })
  },
  fields: () => ["traceparent"],
}
