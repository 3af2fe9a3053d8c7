import { AsyncLocalStorage } from "node:async_hooks"
import type { Context } from "@opentelemetry/api"
import type { SpanIds } from "./span-ids.ts"

/**
 * The span in which the running code works: entered once per request, event and job, for instrumented libraries.
 * These may enter contexts of their own below it.
 */
export const activeContext = new AsyncLocalStorage<SpanIds | Context>()
