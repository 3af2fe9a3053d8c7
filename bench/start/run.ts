import type { Row, RunOptions } from "../harness/row.ts"
import { median, ratios, rowOf, shuffled } from "../harness/summary.ts"
import { contenders, prepare } from "./contenders.ts"
import type { Contender } from "./contenders.ts"
import { startOnce } from "./started.ts"

const idleMs = 1_000

interface Figures {
  readonly ms: number
  readonly mb: number
}

/** From nothing to the first request served, and the memory that is in use a second later. */
export async function run({ rounds, quick, report }: RunOptions): Promise<readonly Row[]> {
  report("start: building what is published")
  await prepare()
  const seen = new Map(contenders.map(({ name }) => [name, [] as Figures[]]))
  // Once for nothing: files come into memory, and compiled code into its cache when the process is let end by itself.
  for (const contender of contenders) await startOnce(contender, 200, "SIGTERM")
  for (let round = 0; round < rounds; round++) {
    report(`start: round ${round + 1} of ${rounds}`)
    for (const [name, figures] of await measure(quick ? 2 : 5)) seen.get(name)?.push(figures)
  }
  const ms = (name: Contender["name"]) => (seen.get(name) ?? []).map((figures) => figures.ms)
  const mb = (name: Contender["name"]) => (seen.get(name) ?? []).map((figures) => figures.mb)
  const extraMb = mb("hanok").map((value, round) => value - (mb("fastify")[round] ?? Number.NaN))
  return [
    rowOf("start_x_fastify", "x", ratios(ms("hanok"), ms("fastify"))),
    rowOf("start_x_fastify_cached", "x", ratios(ms("hanok"), ms("fastify_cached"))),
    rowOf("start_source_x_fastify", "x", ratios(ms("hanok_source"), ms("fastify"))),
    rowOf("start_rss_extra_mb", "MB", extraMb),
    ...contenders.flatMap(({ name }) => [rowOf(`start_${name}_ms`, "ms", ms(name)), rowOf(`start_${name}_rss_mb`, "MB", mb(name))]),
  ]
}

async function measure(times: number): Promise<ReadonlyMap<Contender["name"], Figures>> {
  const ms = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  const mb = new Map<Contender["name"], number>()
  for (let time = 0; time < times; time++) {
    for (const contender of shuffled(contenders)) {
      const { firstAnswerMs, residentMb } = await startOnce(contender, time === 0 ? idleMs : 0)
      ms.get(contender.name)?.push(firstAnswerMs)
      if (residentMb !== undefined) mb.set(contender.name, residentMb)
    }
  }
  return new Map([...ms].map(([name, values]) => [name, { ms: median(values), mb: mb.get(name) ?? Number.NaN }]))
}
