import { startChild } from "../../harness/child.ts"
import type { Row, RunOptions } from "../../harness/row.ts"
import { ratios, rowOf, shuffled } from "../../harness/summary.ts"
import { contenderNames } from "./names.ts"
import type { ContenderName } from "./names.ts"
import { startNats } from "./nats.ts"
import type { Measured } from "./process.ts"

const callerCounts = [64, 1] as const
const limit: ContenderName = "ws"
/** What carries a call and nothing else: no peers, but what peers and Hanok can come near to. */
const limits: readonly ContenderName[] = [limit, "tcp-frames"]

interface Figures {
  readonly callsPerSecond: number
  readonly p50Us: number
  readonly p99Us: number
  /** Of both sides. */
  readonly cpuUs: number
}

/** Calls between two processes on a core each, with 64 callers at once and with one. */
export async function run({ rounds, quick, report }: RunOptions): Promise<readonly Row[]> {
  const nats = await startNats(1)
  try {
    const names = contenderNames.filter((name) => nats !== undefined || !name.endsWith("-nats"))
    if (!nats) report("remote: nats-server is not installed; its contenders are left out")
    const seen = new Map<string, Figures[]>()
    for (let round = 0; round < rounds; round++) {
      for (const name of shuffled(names)) {
        report(`remote: round ${round + 1} of ${rounds}, ${name}`)
        const figures = await figuresOf(name, quick)
        for (const [index, callers] of callerCounts.entries()) {
          const key = `c${callers}_${name}`
          seen.set(key, [...(seen.get(key) ?? []), ...(figures[index] ? [figures[index]] : [])])
        }
      }
    }
    return rowsOf(names, seen)
  } finally {
    await nats?.stop()
  }
}

async function figuresOf(name: ContenderName, quick: boolean): Promise<readonly Figures[]> {
  const file = new URL("process.ts", import.meta.url)
  const [callee, caller] = [startChild(file, [name], 1), startChild(file, [name], 0)]
  try {
    const address = await callee.ask<string>({ do: "serve" })
    const figures: Figures[] = []
    const times = quick ? { warmUpMs: 300, measuredMs: 400 } : { warmUpMs: 1_500, measuredMs: 2_500 }
    for (const callers of callerCounts) {
      const asked: Promise<number>[] = []
      const onNote = () => void asked.push(callee.ask<number>({ do: "cpu" }))
      const measured = await caller.ask<readonly Measured[]>({ do: "call", address, callers: [callers], ...times }, 60_000, onNote)
      const [before = 0, after = 0] = await Promise.all(asked)
      figures.push(...measured.map((one) => figuresFrom(one, after - before)))
    }
    return figures
  } finally {
    await Promise.all([caller.stop(), callee.stop()])
  }
}

function figuresFrom({ calls, ms, cpuMs, p50, p99 }: Measured, calleeCpuMs: number): Figures {
  return { callsPerSecond: (calls / ms) * 1000, p50Us: p50 * 1000, p99Us: p99 * 1000, cpuUs: ((cpuMs + calleeCpuMs) / calls) * 1000 }
}

function rowsOf(names: readonly ContenderName[], seen: ReadonlyMap<string, readonly Figures[]>): readonly Row[] {
  const of = (callers: number, name: string, pick: keyof Figures) => (seen.get(`c${callers}_${name}`) ?? []).map((figures) => figures[pick])
  const over = (name: string) => ratios(of(64, "hanok", "callsPerSecond"), of(64, name, "callsPerSecond"))
  const others = names.filter((name) => name !== "hanok" && name !== limit)
  const peers = others.filter((name) => !limits.includes(name))
  return [
    rowOf("remote_c64_x_limit", "x", over(limit)),
    rowOf("remote_c64_p99_x_best_peer", "x", p99OverBest(peers, of)),
    rowOf("remote_c64_p99_x_limit", "x", p99OverBest(limits, of)),
    rowOf("remote_c1_x_limit", "x", ratios(of(1, "hanok", "p50Us"), of(1, limit, "p50Us"))),
    ...others.map((name) => rowOf(`remote_c64_x_${named(name)}`, "x", over(name))),
    ...names.flatMap((name) => [
      rowOf(`remote_c64_${named(name)}_per_s`, "calls/s", of(64, name, "callsPerSecond")),
      rowOf(`remote_c64_${named(name)}_p99`, "us", of(64, name, "p99Us")),
      rowOf(`remote_c64_${named(name)}_cpu`, "us", of(64, name, "cpuUs")),
      rowOf(`remote_c1_${named(name)}_p50`, "us", of(1, name, "p50Us")),
    ]),
  ]
}

/** Of each round: Hanok's 99th percentile over the least of the others'. */
function p99OverBest(
  others: readonly string[],
  of: (callers: number, name: string, pick: keyof Figures) => readonly number[],
): readonly number[] {
  const all = others.map((name) => of(64, name, "p99Us"))
  return of(64, "hanok", "p99Us").map((own, round) => own / Math.min(...all.map((values) => values[round] ?? Number.POSITIVE_INFINITY)))
}

function named(name: string): string {
  return name.replaceAll("-", "_")
}
