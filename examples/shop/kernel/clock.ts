import { defineAdapter } from "@hanok/contract"

/** What time it is. */
export interface Clock {
  now(): Date
}

export const systemClock = defineAdapter<Clock>("clock", () => ({ now: () => new Date() }))

/** The time of the clock as contracts and stores carry it: ISO 8601 in UTC, with milliseconds. */
export function timeOf(clock: Clock): string {
  return clock.now().toISOString()
}

/** That many seconds after `time`. */
export function secondsAfter(time: string, seconds: number): string {
  return new Date(Date.parse(time) + seconds * 1000).toISOString()
}
