import { AsyncLocalStorage, AsyncResource } from "node:async_hooks"
import type { Context } from "@opentelemetry/api"
import type { SpanIds } from "./span-ids.ts"

/**
 * The span in which the running code works: entered once per request, event and job, for instrumented libraries.
 * These may enter contexts of their own below it.
 */
export const activeContext = new AsyncLocalStorage<SpanIds | Context>()

/** Does `work` with an active span. What it returns or throws comes back. */
export type Entrance = <Arguments extends unknown[], Result>(
  ids: SpanIds,
  work: (...values: Arguments) => Result,
  ...values: Arguments
) => Result

/** What of OpenTelemetry's API the way in has to do with, where it is loaded. */
export interface Instruments {
  /** The span that an instrumentation of HTTP servers has begun of the request at hand. */
  serverSpan(): SpanIds | undefined
  /** Enters where somebody else keeps OpenTelemetry's contexts: an SDK that was started before. */
  readonly enter: Entrance | undefined
}

let instruments: Instruments | undefined

export function useInstruments(used: Instruments | undefined): void {
  instruments = used
}

/** The span that an instrumentation of HTTP servers has begun of the request at hand, which stands below it. */
export function serverSpan(): SpanIds | undefined {
  return instruments?.serverSpan()
}

/**
 * A way in for work that comes from outside: it finds what was active where the entrance was made, and nothing of whoever
 * enters. For a fifth of what `activeContext.run` costs, which makes two maps: one to enter, and one to come back.
 */
export function createEntrance(): Entrance {
  const outside = new AsyncResource("hanok.entrance")
  return (ids, work, ...values) =>
    instruments?.enter
      ? instruments.enter(ids, work, ...values)
      : outside.runInAsyncScope(inside<typeof values, ReturnType<typeof work>>, undefined, ids, work, ...values)
}

function inside<Arguments extends unknown[], Result>(ids: SpanIds, work: (...values: Arguments) => Result, ...values: Arguments): Result {
  activeContext.enterWith(ids)
  return work(...values)
}
