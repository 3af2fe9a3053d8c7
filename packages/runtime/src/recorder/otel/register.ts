import { context, propagation, trace } from "@opentelemetry/api"
import { useInstruments } from "../active-context.ts"
import { recordedText } from "../recorded-value.ts"
import type { Recorder } from "../recorder.ts"
import { contextManager } from "./context-manager.ts"
import { propagator } from "./propagator.ts"
import { createTracer } from "./tracer.ts"
import { enter, serverSpan } from "./way-in.ts"

export interface Registration {
  /** False when something else stands behind `@opentelemetry/api` in this process already; that is left as it is. */
  readonly registered: boolean
  /** Whether that is no recorder, but an SDK that was started before: spans of libraries go where it sends them. */
  readonly hasSdk: boolean
  /** Takes the recorder away again. */
  close(): void
}

/** Whether a recorder stands there. */
let isTaken = false

/**
 * Puts a recorder behind `@opentelemetry/api`, for all of the process: the spans of instrumented libraries become
 * the recorder's, below the request, event or job in which they begin. Where an SDK has been started before, they are that one's, and
 * stand below it all the same.
 * @example
 * const registration = registerRecorder(recorder)
 * await trace.getTracer("my-library").startActiveSpan("work", async (span) => span.end())
 */
export function registerRecorder(recorder: Recorder): Registration {
  if (isTaken) return { registered: false, hasSdk: false, close: () => undefined }
  // `forceFlush` is what the SDK's provider has, and what is looked for before a process is frozen.
  const provider = {
    getTracer: (name: string, version?: string) => createTracer(recorder, { name: recordedText(name), version: recordedText(version) }),
    forceFlush: () => recorder.flush(),
  }
  isTaken = true
  const registered = trace.setGlobalTracerProvider(provider)
  const managesContext = context.setGlobalContextManager(contextManager)
  const propagates = propagation.setGlobalPropagator(propagator)
  useInstruments({ serverSpan, enter: managesContext ? undefined : enter })
  return {
    registered,
    hasSdk: !registered,
    close() {
      isTaken = false
      useInstruments(undefined)
      if (registered) trace.disable()
      if (managesContext) context.disable()
      if (propagates) propagation.disable()
    },
  }
}
