import type { Row } from "../harness/row.ts"
import { contenderNames } from "./contenders.ts"
import type { ContenderName } from "./contenders.ts"
import type { Measured, Round } from "./measure.ts"
import type { Figures } from "./measure-window.ts"
import type { Stores } from "./shop-modules.ts"

type Value = (figures: Figures) => number

const p50Ms: Value = (figures) => figures.p50Ms
const p99Ms: Value = (figures) => figures.p99Ms
const cpuUs: Value = ({ cpuMsPerRequest }) => cpuMsPerRequest * 1000
const databaseCpuUs: Value = ({ databaseCpuMsPerRequest }) => databaseCpuMsPerRequest * 1000
const requestsPerSecond: Value = ({ requests, seconds }) => requests / seconds
const shedShare: Value = ({ shed, requests }) => shed / (shed + requests)

/** The figures as rows: ratios first, medians over the rounds; names end in `_pg` for stores on PostgreSQL. */
export function rowsOf(stores: Stores, measured: Measured): readonly Row[] {
  const rows = [...ratioRows(measured), ...contenderNames.flatMap((name) => absoluteRows(name, measured)), ...loadRows(measured)]
  return stores === "memory" ? rows : rows.map((row) => Object.assign({}, row, { name: `${row.name}_pg` }))
}

function ratioRows({ atLoad: { offered, light }, maximum, memoryMb }: Measured): readonly Row[] {
  return (["merged", "split"] as const).flatMap((name) => [
    ratioRow(`${name}_latency_x`, offered, name, p50Ms),
    ratioRow(`${name}_cpu_x`, offered, name, cpuUs),
    ratioRow(`${name}_p99_x`, offered, name, p99Ms),
    ratioRow(`${name}_latency_light_x`, light, name, p50Ms),
    ratioRow(`${name}_cpu_light_x`, light, name, cpuUs),
    ratioRow(`${name}_cpu_maximum_x`, maximum, name, cpuUs),
    ratioRow(`${name}_maximum_x`, maximum, name, (figures) => 1 / requestsPerSecond(figures)),
    { name: `${name}_memory_x`, value: memoryMb.today / memoryMb[name], unit: "x" },
  ])
}

function absoluteRows(name: ContenderName, { atLoad: { offered, light }, maximum, memoryMb }: Measured): readonly Row[] {
  const row = (what: string, unit: string, rounds: readonly Round[], value: Value) => {
    const values = rounds.map((round) => value(round[name]))
    return rowOf(`${name}_${what}`, unit, values)
  }
  return [
    row("p50_ms", "ms", offered, p50Ms),
    row("p99_ms", "ms", offered, p99Ms),
    row("cpu_us", "µs/request", offered, cpuUs),
    row("database_cpu_us", "µs/request", offered, databaseCpuUs),
    row("light_p50_ms", "ms", light, p50Ms),
    row("light_p99_ms", "ms", light, p99Ms),
    row("light_cpu_us", "µs/request", light, cpuUs),
    row("maximum", "requests/s", maximum, requestsPerSecond),
    row("maximum_cpu_us", "µs/request", maximum, cpuUs),
    row("maximum_shed", "of all", maximum, shedShare),
    row("maximum_core_share", "of a core", maximum, ({ cpuShare }) => cpuShare),
    row("maximum_client_share", "of a core", maximum, ({ clientCpuShare }) => clientCpuShare),
    { name: `${name}_memory_mb`, value: memoryMb[name], unit: "MB" },
  ]
}

function loadRows({ atLoad: { offered, light }, maximum, floor }: Measured): readonly Row[] {
  const rates = (rounds: readonly Round[]) => rounds.map(({ today }) => requestsPerSecond(today))
  const most = median(rates(maximum))
  const shares = rates(offered).map((rate) => rate / most)
  return [
    rowOf("offered_load", "requests/s", rates(offered)),
    rowOf("light_load", "requests/s", rates(light)),
    rowOf("offered_share", "of today's maximum", shares),
    rowOf("floor_p50_ms", "ms", floor.map(p50Ms)),
    rowOf("floor_cpu_us", "µs/request", floor.map(cpuUs)),
  ]
}

// How many times as much `today` has, in each round.
function ratioRow(name: string, rounds: readonly Round[], contender: ContenderName, value: Value): Row {
  const ratios = rounds.map((round) => value(round.today) / value(round[contender]))
  return rowOf(name, "x", ratios)
}

function rowOf(name: string, unit: string, values: readonly number[]): Row {
  return { name, value: median(values), unit, min: Math.min(...values), max: Math.max(...values) }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
