import { AsyncLocalStorage } from "node:async_hooks"
import type { SpanIds } from "./span-ids.ts"

/** The span in which the running code works: entered once per request, event and job, for log lines and instrumented libraries. */
export const activeContext = new AsyncLocalStorage<SpanIds>()
