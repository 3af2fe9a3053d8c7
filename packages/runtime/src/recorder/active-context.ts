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

/**
 * A way in for work that comes from outside: it finds what was active where the entrance was made, and nothing of whoever
 * enters. For a fifth of what `activeContext.run` costs, which makes two maps: one to enter, and one to come back.
 */
export function createEntrance(): Entrance {
  const outside = new AsyncResource("hanok.entrance")
  return (ids, work, ...values) => outside.runInAsyncScope(inside<typeof values, ReturnType<typeof work>>, undefined, ids, work, ...values)
}

function inside<Arguments extends unknown[], Result>(ids: SpanIds, work: (...values: Arguments) => Result, ...values: Arguments): Result {
  activeContext.enterWith(ids)
  return work(...values)
}
