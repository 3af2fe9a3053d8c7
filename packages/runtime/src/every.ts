import { AsyncResource } from "node:async_hooks"

interface Beat {
  readonly ticks: Set<() => void>
  readonly timer: NodeJS.Timeout
}

/** By period, in milliseconds. */
const beats = new Map<number, Beat>()

/**
 * Calls `tick` every `periodMs` milliseconds until what this returns is called; keeps no process alive. All that have the same period
 * come together, so that a process with little to do wakes once for them. The first time may come sooner than after a period.
 */
export function every(periodMs: number, tick: () => void): () => void {
  const beat = beats.get(periodMs) ?? begin(periodMs)
  // In the async context of who asks, not of who asked first; and a function of its own, for the same one may be given twice.
  const own = AsyncResource.bind(tick)
  beat.ticks.add(own)
  return () => {
    if (beat.ticks.delete(own) && beat.ticks.size === 0) end(periodMs, beat)
  }
}

function begin(periodMs: number): Beat {
  const ticks = new Set<() => void>()
  const timer = setInterval(() => {
    for (const tick of ticks) tick()
  }, periodMs)
  const beat = { ticks, timer: timer.unref() }
  beats.set(periodMs, beat)
  return beat
}

function end(periodMs: number, { timer }: Beat): void {
  clearInterval(timer)
  beats.delete(periodMs)
}
