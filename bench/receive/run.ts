import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { createTelemetry } from "@hanok/telemetry"
import type { SpanRecord, Telemetry } from "@hanok/telemetry"
import type { Row, RunOptions } from "../harness/row.ts"
import { median, ratios, rowOf, shuffled } from "../harness/summary.ts"

/** As many processes as the split shop has, each of which exports twice a second. */
const senders = 14
const everyMs = 500
const spansEach = 50
/** As many as one batch holds in bulk. */
const bulk = 2_048

interface Figures {
  readonly cpuUs: number
  readonly ackMs: number
}

/** What the store of traces needs for a span: sent by many, a few at a time, and in bulk, which is the limit. */
export async function run({ rounds, quick, report }: RunOptions): Promise<readonly Row[]> {
  const times = quick ? 4 : 20
  const ways = {
    many: (telemetry: Telemetry) => sendAsMany(telemetry, times),
    bulk: (telemetry: Telemetry) => sendInBulk(telemetry, times),
  }
  const seen = { many: [] as Figures[], bulk: [] as Figures[] }
  await measure(ways.bulk, times)
  for (let round = 0; round < rounds; round++) {
    report(`receive: round ${round + 1} of ${rounds}`)
    for (const way of shuffled(["many", "bulk"] as const)) seen[way].push(await measure(ways[way], times))
  }
  const cpu = (way: keyof typeof seen) => seen[way].map(({ cpuUs }) => cpuUs)
  return [
    rowOf("receive_cpu_x_bulk", "x", ratios(cpu("many"), cpu("bulk"))),
    rowOf("receive_many_cpu", "us", cpu("many")),
    rowOf("receive_bulk_cpu", "us", cpu("bulk")),
    rowOf(
      "receive_many_ack_p50",
      "ms",
      seen.many.map(({ ackMs }) => ackMs),
    ),
  ]
}

/** Sends all, and resolves to how long each sender waited for the answer, in milliseconds. */
type Way = (telemetry: Telemetry) => Promise<readonly number[]>

async function measure(way: Way, times: number): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-bench-receive-"))
  const telemetry = await createTelemetry({ folder })
  try {
    const before = process.cpuUsage()
    const waits = await way(telemetry)
    const { user, system } = process.cpuUsage(before)
    return { cpuUs: (user + system) / (senders * times * spansEach), ackMs: median(waits) }
  } finally {
    await telemetry.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function sendAsMany(telemetry: Telemetry, times: number): Promise<readonly number[]> {
  const waits: number[] = []
  const sender = async (number: number) => {
    await sleep((number * everyMs) / senders)
    for (let time = 0; time < times; time++) {
      const spans = spansOf(`service ${number}`, spansEach)
      const begun = performance.now()
      await telemetry.add(spans)
      waits.push(performance.now() - begun)
      await sleep(Math.max(0, begun + everyMs - performance.now()))
    }
  }
  await Promise.all(Array.from({ length: senders }, (_, number) => sender(number)))
  return waits
}

async function sendInBulk(telemetry: Telemetry, times: number): Promise<readonly number[]> {
  for (let left = senders * times * spansEach; left > 0; left -= bulk) await telemetry.add(spansOf("service", Math.min(bulk, left)))
  return [0]
}

function spansOf(service: string, count: number): readonly SpanRecord[] {
  const traceId = randomBytes(16).toString("hex")
  const resource = { "service.name": service, "service.namespace": "shop", "service.instance.id": "a" }
  return Array.from({ length: count }, (_, number) => {
    const startNs = BigInt(Date.now()) * 1_000_000n
    return {
      traceId,
      spanId: randomBytes(8).toString("hex"),
      parentSpanId: "",
      service,
      name: "SELECT item",
      kind: "client",
      startNs,
      endNs: startNs + 1_000_000n,
      failed: false,
      message: "",
      attributes: {
        "db.system.name": "postgresql",
        "db.namespace": "postgres|item",
        "db.operation.name": "SELECT",
        "db.query.text": `select * from "item" where "itemId" = $1 and ${number} = $2`,
        "server.address": "127.0.0.1",
        "server.port": 5432,
      },
      events: [],
      links: [],
      scope: { name: "hanok", version: "0.1.0" },
      resource,
    }
  })
}
