import { startChild } from "../harness/child.ts"
import type { Child } from "../harness/child.ts"
import type { Row, RunOptions } from "../harness/row.ts"
import { startLoad } from "../harness/load.ts"
import type { Load } from "../harness/load.ts"
import { median, ratios, rowOf, shuffled } from "../harness/summary.ts"

const tenth = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.1" }

/** `spans` is how many a request has in the service and its callee together: 0 where that is not known, or none is recorded. */
const variants = [
  { name: "hanok_off", kind: "hanok", traced: false, spans: 0, env: {} },
  { name: "hanok_on", kind: "hanok", traced: true, spans: 6, env: {} },
  { name: "plain", kind: "plain", traced: false, spans: 0, env: {} },
  { name: "otel", kind: "plain", traced: true, spans: 5, env: {} },
  { name: "otel_tenth", kind: "plain", traced: true, spans: 0, env: tenth },
] as const
type Name = (typeof variants)[number]["name"]

interface Figures {
  readonly perSecond: number
  /** Processor time of the service and its callee; microseconds a request. */
  readonly cpuUs: number
  /** Of its core, what the service used. */
  readonly busy: number
  /** Of the spans that must have arrived, the share that did not. */
  readonly lost: number
}
type Round = ReadonlyMap<Name, Figures>

/**
 * Those that are compared run at the same time, and no others, which would take the processor's caches from them. In each of the
 * `heats` of a round they are new processes, whose requests are counted together: the engine compiles the same code a little
 * differently each time, which can be worth as much as recording costs Hanok, though not as much as it costs the SDK.
 */
const groups: readonly { readonly names: readonly Name[]; readonly heats: number }[] = [
  { names: ["hanok_off", "hanok_on"], heats: 4 },
  { names: ["plain", "otel", "otel_tenth"], heats: 1 },
]
const turnMs = 500
const body = JSON.stringify({ orderId: "order-1", sku: "tea-green-100g", qty: 2 })
const nothing: Seen = { requests: 0, ms: 0, ownUs: 0, calleeUs: 0 }

const file = (name: string) => new URL(name, import.meta.url)

/** What recording and exporting every request costs a service that is called, calls twice inside, and calls another process once. */
export async function run({ rounds, quick, report }: RunOptions): Promise<readonly Row[]> {
  const seen: Round[] = []
  for (let round = 0; round < rounds; round++) {
    report(`trace: round ${round + 1} of ${rounds}`)
    const figures = await measure(quick)
    seen.push(figures)
    for (const [name, { lost }] of figures) if (lost > 0) report(`trace: ${name} lost ${lost} of its spans`)
  }
  return rowsOf(seen)
}

function rowsOf(rounds: readonly Round[]): readonly Row[] {
  const of = (name: Name, pick: keyof Figures) => rounds.map((round) => round.get(name)?.[pick] ?? Number.NaN)
  const loss = (on: Name, off: Name) => ratios(of(on, "perSecond"), of(off, "perSecond")).map((share) => 1 - share)
  const added = (on: Name, off: Name) => of(on, "cpuUs").map((value, round) => value - (of(off, "cpuUs")[round] ?? Number.NaN))
  const [hanok, otel] = [added("hanok_on", "hanok_off"), added("otel", "plain")]
  return [
    // A quotient of differences: of the medians, since a single round's difference may be next to nothing.
    { name: "trace_cpu_x_otel", value: Number((median(otel) / median(hanok)).toPrecision(4)), unit: "x" },
    rowOf("trace_loss", "share", loss("hanok_on", "hanok_off")),
    rowOf("trace_otel_loss", "share", loss("otel", "plain")),
    rowOf("trace_otel_tenth_loss", "share", loss("otel_tenth", "plain")),
    rowOf("trace_cpu_added", "us", hanok),
    rowOf("trace_otel_cpu_added", "us", otel),
    rowOf("trace_otel_tenth_cpu_added", "us", added("otel_tenth", "plain")),
    rowOf("trace_spans_lost", "share", of("hanok_on", "lost")),
    rowOf("trace_otel_spans_lost", "share", of("otel", "lost")),
    ...variants.flatMap(({ name }) => [
      rowOf(`trace_${name}_rps`, "requests/s", of(name, "perSecond")),
      rowOf(`trace_${name}_cpu`, "us", of(name, "cpuUs")),
      rowOf(`trace_${name}_busy`, "share", of(name, "busy")),
    ]),
  ]
}

/** One round: the heats of each group, one after the other. */
async function measure(quick: boolean): Promise<Round> {
  const load = startLoad()
  const sink = startChild(file("sink-process.ts"), [], 1)
  try {
    const { url } = await sink.ask<Sunk>({})
    const services: Service[] = []
    for (const { names, heats } of groups)
      for (let heat = 0; heat < (quick ? 1 : heats); heat++) services.push(...(await runHeat(names, load, url, quick)))
    const { counts } = await sink.ask<Sunk>({})
    return new Map(variants.map(({ name }) => [name, figuresOf(services, name, counts[name] ?? 0)]))
  } finally {
    await Promise.all([load.stop(), sink.stop()])
  }
}

/** Starts them, warms them up, and measures them in short turns: what disturbs the machine lasts longer, so that all share it. */
async function runHeat(names: readonly Name[], load: Load, sinkUrl: string, quick: boolean): Promise<readonly Service[]> {
  const started: Child[] = []
  const start: Start = (name, args, core) => {
    const child = startChild(file(name), args, core)
    started.push(child)
    return child
  }
  try {
    const taking = variants.filter(({ name }) => names.includes(name))
    const services = await Promise.all(taking.map((variant) => serve(start, variant, `${sinkUrl}/${variant.name}`)))
    for (const service of services) await turn(service, load, quick ? turnMs : 3_000)
    for (const service of services) service.seen = nothing
    for (let count = 0; count < (quick ? 2 : 8); count++) for (const service of shuffled(services)) await turn(service, load, turnMs)
    return services
  } finally {
    await Promise.all(started.map((child) => child.stop()))
  }
}

type Start = (name: string, args: readonly string[], core: number) => Child

/** What the sink says. */
interface Sunk {
  readonly url: string
  readonly counts: Readonly<Record<string, number>>
}

/** What turns took, together. */
interface Seen {
  readonly requests: number
  readonly ms: number
  readonly ownUs: number
  readonly calleeUs: number
}

interface Service {
  readonly name: Name
  readonly spans: number
  readonly child: Child
  readonly callee: Child
  readonly url: string
  /** Since it was started. */
  requests: number
  /** Since it was warm. */
  seen: Seen
}

async function serve(start: Start, { name, kind, traced, spans, env }: (typeof variants)[number], sink: string): Promise<Service> {
  const otlpUrl = traced ? sink : undefined
  const callee = start("process.ts", [kind, JSON.stringify(env)], 1)
  const child = start("process.ts", [kind, JSON.stringify(env)], 0)
  const address = await callee.ask<string>({ do: "callee", otlpUrl })
  const url = await child.ask<string>({ do: "serve", callee: address, otlpUrl })
  return { name, spans, child, callee, url, requests: 0, seen: nothing }
}

async function turn(service: Service, load: Load, ms: number): Promise<void> {
  const { child, callee, url, seen } = service
  const cpu = () => Promise.all([child.ask<number>({ do: "cpu" }), callee.ask<number>({ do: "cpu" })])
  const [ownBefore, calleeBefore] = await cpu()
  const loaded = await load.post({ url, body }, ms)
  const [own, its] = await cpu()
  service.requests += loaded.requests
  service.seen = {
    requests: seen.requests + loaded.requests,
    ms: seen.ms + loaded.ms,
    ownUs: seen.ownUs + own - ownBefore,
    calleeUs: seen.calleeUs + its - calleeBefore,
  }
}

function figuresOf(services: readonly Service[], name: Name, arrived: number): Figures {
  const copies = services.filter((service) => service.name === name)
  const sum = (pick: (service: Service) => number) => copies.reduce((total, service) => total + pick(service), 0)
  const [requests, ms] = [sum(({ seen }) => seen.requests), sum(({ seen }) => seen.ms)]
  const [ownUs, calleeUs] = [sum(({ seen }) => seen.ownUs), sum(({ seen }) => seen.calleeUs)]
  const expected = sum((service) => service.spans * service.requests)
  return {
    perSecond: (requests / ms) * 1000,
    cpuUs: (ownUs + calleeUs) / requests,
    busy: ownUs / 1000 / ms,
    lost: expected === 0 ? 0 : 1 - arrived / expected,
  }
}
