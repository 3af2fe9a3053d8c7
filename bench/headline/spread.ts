import { contenderNames } from "./contenders.ts"
import type { Figures, Measured, Round } from "./measure.ts"
import { median } from "./rows.ts"

/** How far the rounds lie apart: median, least and greatest. */
export function spreadOf({ atLoad, maximum }: Measured): string {
  return [
    ...linesOf("offered p50 ms", atLoad.offered, ({ p50Ms }) => p50Ms),
    ...linesOf("offered p99 ms", atLoad.offered, ({ p99Ms }) => p99Ms),
    ...linesOf("offered CPU µs/request", atLoad.offered, ({ cpuMsPerRequest }) => cpuMsPerRequest * 1000),
    ...linesOf("light p50 ms", atLoad.light, ({ p50Ms }) => p50Ms),
    ...linesOf("maximum requests/s", maximum, ({ requests, seconds }) => requests / seconds),
  ].join("\n")
}

function linesOf(what: string, rounds: readonly Round[], value: (figures: Figures) => number): readonly string[] {
  return contenderNames.map((name) => {
    const values = rounds.map((round) => value(round[name]))
    const shown = [median(values), Math.min(...values), Math.max(...values)].map((each) => each.toFixed(2))
    return `${what}, ${name}: ${shown[0]} (${shown[1]} to ${shown[2]})`
  })
}
