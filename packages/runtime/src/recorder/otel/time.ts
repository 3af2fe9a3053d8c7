import type { TimeInput } from "@opentelemetry/api"
import { now } from "../clock.ts"

/** Milliseconds since the epoch of a time as OpenTelemetry allows it: seconds and nanoseconds, a date, or a number of either clock. */
export function timeMsOf(time: TimeInput | undefined): number {
  if (time === undefined) return now()
  if (time instanceof Date) return time.getTime()
  if (Array.isArray(time)) return time[0] * 1000 + time[1] / 1e6
  return time < longestUptimeMs ? performance.timeOrigin + time : time
}

/** A number below was read from `performance.now()`, above it is a date after 1973. */
const longestUptimeMs = 1e11
