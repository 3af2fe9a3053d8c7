import { context, propagation, trace } from "@opentelemetry/api"
import { recordedText } from "../recorded-value.ts"
import type { Recorder } from "../recorder.ts"
import { contextManager } from "./context-manager.ts"
import { propagator } from "./propagator.ts"
import { createTracer } from "./tracer.ts"

export interface Registration {
  /** False when something else stands behind `@opentelemetry/api` in this process already; that is left as it is. */
  readonly registered: boolean
  /** Takes the recorder away again. */
  close(): void
}

/**
 * Puts a recorder behind `@opentelemetry/api`, for all of the process: the spans of instrumented libraries become
 * the recorder's, below the request, event or job in which they begin.
 * @example
 * const registration = registerRecorder(recorder)
 * await trace.getTracer("my-library").startActiveSpan("work", async (span) => span.end())
 */
export function registerRecorder(recorder: Recorder): Registration {
  // `forceFlush` is what the SDK's provider has, and what is looked for before a process is frozen.
  const provider = {
    getTracer: (name: string, version?: string) => createTracer(recorder, { name: recordedText(name), version: recordedText(version) }),
    forceFlush: () => recorder.flush(),
  }
  if (!trace.setGlobalTracerProvider(provider)) return { registered: false, close: () => undefined }
  const managesContext = context.setGlobalContextManager(contextManager)
  const propagates = propagation.setGlobalPropagator(propagator)
  return {
    registered: true,
    close() {
      trace.disable()
      if (managesContext) context.disable()
      if (propagates) propagation.disable()
    },
  }
}
