import { context, createContextKey } from "@opentelemetry/api"
import type { Context } from "@opentelemetry/api"

// The key that OpenTelemetry's own exporters use, which instrumented libraries look at (@opentelemetry/core, suppress-tracing).
const suppressed = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING")

/** Does work that instrumented libraries record no spans of: exporting spans would else make spans without end. */
export function untraced<T>(work: () => T): T {
  return context.with(context.active().setValue(suppressed, true), work)
}

export function isUntraced(context: Context): boolean {
  return context.getValue(suppressed) === true
}
