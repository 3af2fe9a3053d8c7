import { ROOT_CONTEXT, trace, TraceFlags } from "@opentelemetry/api"
import type { Context, ContextManager } from "@opentelemetry/api"
import { activeContext } from "../active-context.ts"
import { SpanIds } from "../span-ids.ts"

/** OpenTelemetry's contexts, kept where the runtime keeps the active span: whichever was entered last counts. */
export const contextManager: ContextManager = {
  active() {
    const entered = activeContext.getStore()
    if (entered === undefined) return ROOT_CONTEXT
    return entered instanceof SpanIds ? contextOf(entered) : entered
  },
  with: (context, work, thisArg, ...args) => activeContext.run(context, () => work.apply(thisArg, args)),
  bind: (context, target) => (isFunction(target) ? bound(context, target) : target),
  enable: () => contextManager,
  disable: () => contextManager,
}

function isFunction<T>(target: T): target is T & ((...args: never) => unknown) {
  return typeof target === "function"
}

function contextOf({ traceId, spanId }: SpanIds): Context {
  return trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext({ traceId, spanId, traceFlags: TraceFlags.SAMPLED }))
}

function bound<T extends (...args: never) => unknown>(context: Context, target: T): T {
  const call = function (this: unknown, ...args: unknown[]) {
    return activeContext.run(context, () => Reflect.apply(target, this, args))
  }
  // It takes and returns what `target` does.
  return call as unknown as T
}
