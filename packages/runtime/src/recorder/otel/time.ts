import type { TimeInput } from "@opentelemetry/api"
import { now, wallClock } from "../clock.ts"

/**
 * On the clock of `now` a time as OpenTelemetry allows it: seconds and nanoseconds, a date, or a number of either clock.
 * Now for what is none, or cannot be sent: an invalid date, a time before the epoch.
 */
export function timeMsOf(time: TimeInput | undefined): number {
  if (time === undefined) return now()
  const timeMs = givenMs(time)
  if (!(timeMs >= 0 && timeMs < endOfTimeMs)) return now()
  return isOfWallClock(time) ? timeMs - wallClock.offsetMs() : timeMs
}

function givenMs(time: TimeInput): number {
  if (time instanceof Date) return time.getTime()
  if (Array.isArray(time)) return time[0] * 1000 + time[1] / 1e6
  return time < longestUptimeMs ? performance.timeOrigin + time : time
}

// It may have been set since. OpenTelemetry makes seconds and nanoseconds of `performance.now()`, which nobody sets.
function isOfWallClock(time: TimeInput): boolean {
  return time instanceof Date || (typeof time === "number" && time >= longestUptimeMs)
}

/** In nanoseconds the greatest signed number of 64 bits: the year 2262. */
const endOfTimeMs = 2 ** 63 / 1e6

/** A number below was read from `performance.now()`, above it is a date after 1973. */
const longestUptimeMs = 1e11
