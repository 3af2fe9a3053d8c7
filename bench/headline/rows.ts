import type { Row } from "./row.ts"
import { contenderNames } from "./contenders.ts"
import type { ContenderName } from "./contenders.ts"
import type { Figures, Measured, Round } from "./measure.ts"
import type { Stores } from "./shop-modules.ts"

/** The figures as rows: ratios first, medians over the rounds; names end in `_pg` for stores on PostgreSQL. */
export function rowsOf(stores: Stores, measured: Measured): readonly Row[] {
  const rows = [...ratioRows(measured), ...contenderNames.flatMap((name) => absoluteRows(name, measured)), ...loadRows(measured)]
  return rows.map((row) => ({ ...row, name: stores === "memory" ? row.name : `${row.name}_pg` }))
}

function ratioRows({ atLoad: { offered, light }, maximum, memoryMb }: Measured): readonly Row[] {
  return (["merged", "split"] as const).flatMap((name) => [
    times(
      `${name}_latency_x`,
      ratio(offered, name, ({ p50Ms }) => p50Ms),
    ),
    times(
      `${name}_cpu_x`,
      ratio(offered, name, ({ cpuMsPerRequest }) => cpuMsPerRequest),
    ),
    times(
      `${name}_p99_x`,
      ratio(offered, name, ({ p99Ms }) => p99Ms),
    ),
    times(
      `${name}_latency_light_x`,
      ratio(light, name, ({ p50Ms }) => p50Ms),
    ),
    times(
      `${name}_cpu_light_x`,
      ratio(light, name, ({ cpuMsPerRequest }) => cpuMsPerRequest),
    ),
    times(
      `${name}_cpu_maximum_x`,
      ratio(maximum, name, ({ cpuMsPerRequest }) => cpuMsPerRequest),
    ),
    times(`${name}_maximum_x`, 1 / ratio(maximum, name, requestsPerSecond)),
    times(`${name}_memory_x`, memoryMb.today / memoryMb[name]),
  ])
}

function absoluteRows(name: ContenderName, { atLoad: { offered, light }, maximum, memoryMb }: Measured): readonly Row[] {
  const of = (rounds: readonly Round[], value: (figures: Figures) => number) => median(rounds.map((round) => value(round[name])))
  return [
    { name: `${name}_p50_ms`, value: of(offered, ({ p50Ms }) => p50Ms), unit: "ms" },
    { name: `${name}_p99_ms`, value: of(offered, ({ p99Ms }) => p99Ms), unit: "ms" },
    { name: `${name}_cpu_us`, value: of(offered, ({ cpuMsPerRequest }) => cpuMsPerRequest * 1000), unit: "µs/request" },
    { name: `${name}_database_cpu_us`, value: of(offered, (figures) => figures.databaseCpuMsPerRequest * 1000), unit: "µs/request" },
    { name: `${name}_light_p50_ms`, value: of(light, ({ p50Ms }) => p50Ms), unit: "ms" },
    { name: `${name}_light_p99_ms`, value: of(light, ({ p99Ms }) => p99Ms), unit: "ms" },
    { name: `${name}_memory_mb`, value: memoryMb[name], unit: "MB" },
    { name: `${name}_maximum`, value: of(maximum, requestsPerSecond), unit: "requests/s" },
    { name: `${name}_maximum_cpu_us`, value: of(maximum, ({ cpuMsPerRequest }) => cpuMsPerRequest * 1000), unit: "µs/request" },
    { name: `${name}_maximum_shed`, value: of(maximum, ({ shed, requests }) => shed / (shed + requests)), unit: "of all" },
    { name: `${name}_maximum_core_share`, value: of(maximum, ({ cpuShare }) => cpuShare), unit: "of a core" },
    { name: `${name}_maximum_client_share`, value: of(maximum, ({ clientCpuShare }) => clientCpuShare), unit: "of a core" },
  ]
}

function loadRows({ atLoad: { offered, light } }: Measured): readonly Row[] {
  const rate = (rounds: readonly Round[]) => median(rounds.map(({ today }) => requestsPerSecond(today)))
  return [
    { name: "offered_load", value: rate(offered), unit: "requests/s" },
    { name: "light_load", value: rate(light), unit: "requests/s" },
  ]
}

// How many times as much `today` has, in the median of the rounds.
function ratio(rounds: readonly Round[], name: ContenderName, value: (figures: Figures) => number): number {
  return median(rounds.map((round) => value(round.today) / value(round[name])))
}

function requestsPerSecond({ requests, seconds }: Figures): number {
  return requests / seconds
}

function times(name: string, value: number): Row {
  return { name, value, unit: "x" }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
