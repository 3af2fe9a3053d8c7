import { startChild } from "../harness/child.ts"
import type { Child } from "../harness/child.ts"
import type { Row, RunOptions } from "../harness/row.ts"
import { median, ratios, rowOf, shuffled } from "../harness/summary.ts"

const variants = [
  { name: "hanok_off", kind: "hanok", traced: false },
  { name: "hanok_on", kind: "hanok", traced: true },
  { name: "plain", kind: "plain", traced: false },
  { name: "otel", kind: "plain", traced: true },
] as const

interface Figures {
  readonly perSecond: number
  /** Processor time of the measured process; microseconds a request. */
  readonly cpuUs: number
}

const file = (name: string) => new URL(name, import.meta.url)

/** What recording and exporting every request costs a service that is called, calls twice inside, and calls another process once. */
export async function run({ rounds, quick, report }: RunOptions): Promise<readonly Row[]> {
  const seen = new Map<string, Figures[]>(variants.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    report(`trace: round ${round + 1} of ${rounds}`)
    for (const [name, figures] of await measure(quick)) seen.get(name)?.push(figures)
  }
  const of = (name: (typeof variants)[number]["name"], pick: keyof Figures) => (seen.get(name) ?? []).map((figures) => figures[pick])
  const added = (on: readonly number[], off: readonly number[]) => on.map((value, round) => value - (off[round] ?? Number.NaN))
  const hanok = added(of("hanok_on", "cpuUs"), of("hanok_off", "cpuUs"))
  const otel = added(of("otel", "cpuUs"), of("plain", "cpuUs"))
  const loss = (on: readonly number[], off: readonly number[]) => ratios(on, off).map((share) => 1 - share)
  return [
    // A quotient of differences: of the medians, since a single round's difference may be next to nothing.
    { name: "trace_cpu_x_otel", value: Number((median(otel) / median(hanok)).toPrecision(4)), unit: "x" },
    rowOf("trace_loss", "share", loss(of("hanok_on", "perSecond"), of("hanok_off", "perSecond"))),
    rowOf("trace_otel_loss", "share", loss(of("otel", "perSecond"), of("plain", "perSecond"))),
    rowOf("trace_cpu_added", "us", hanok),
    rowOf("trace_otel_cpu_added", "us", otel),
    ...variants.flatMap(({ name }) => [
      rowOf(`trace_${name}_rps`, "requests/s", of(name, "perSecond")),
      rowOf(`trace_${name}_cpu`, "us", of(name, "cpuUs")),
    ]),
  ]
}

/** One round: all variants running, each warmed up, then measured in short turns. */
async function measure(quick: boolean): Promise<ReadonlyMap<string, Figures>> {
  const started: Child[] = []
  const start = (name: string, args: readonly string[], core: number) => {
    const child = startChild(file(name), args, core)
    started.push(child)
    return child
  }
  try {
    const load = start("load-process.ts", [], 1)
    const sink = await start("../seam/inline/sink-process.ts", [], 1).ask<string>({})
    const services = await Promise.all(
      variants.map(async ({ name, kind, traced }) => {
        const callee = await start("process.ts", [kind], 1).ask<string>({ do: "callee" })
        const child = start("process.ts", [kind], 0)
        return { name, child, url: await child.ask<string>({ do: "serve", callee, otlpUrl: traced ? sink : undefined }) }
      }),
    )
    const turn = async ({ child, url }: (typeof services)[number], seconds: number): Promise<Figures> => {
      const before = await child.ask<number>({ do: "cpu" })
      const { requests, ms } = await load.ask<{ requests: number; ms: number }>({ url, seconds })
      return { perSecond: (requests / ms) * 1000, cpuUs: ((await child.ask<number>({ do: "cpu" })) - before) / requests }
    }
    for (const service of services) await turn(service, quick ? 1 : 3)
    const seen = new Map<string, Figures[]>()
    for (let count = 0; count < (quick ? 1 : 3); count++) {
      for (const service of shuffled(services))
        seen.set(service.name, [...(seen.get(service.name) ?? []), await turn(service, quick ? 1 : 2)])
    }
    return new Map([...seen].map(([name, all]) => [name, middleOf(all)]))
  } finally {
    await Promise.all(started.map((child) => child.stop()))
  }
}

function middleOf(all: readonly Figures[]): Figures {
  return { perSecond: median(all.map(({ perSecond }) => perSecond)), cpuUs: median(all.map(({ cpuUs }) => cpuUs)) }
}
