import { startChild } from "../../harness/child.ts"
import type { Child } from "../../harness/child.ts"
import type { Row, RunOptions } from "../../harness/row.ts"
import { ratios, rowOf, shuffled } from "../../harness/summary.ts"

const groups = ["hanok", "hanok_async_handler", "nest", "moleculer", "trpc"]
const unit = "async"

/** Of each contender, round by round: nanoseconds a call, and how many times those of the unit in the same process. */
interface Seen {
  readonly nanoseconds: number[]
  readonly times: number[]
}

/** Calls within one process: how many times a bare async call each costs. */
export async function run({ rounds, quick, report }: RunOptions): Promise<readonly Row[]> {
  const seen = new Map<string, Seen>()
  for (let round = 0; round < rounds; round++) {
    report(`inline: round ${round + 1} of ${rounds}`)
    await measureAll(quick ? 20_000 : 100_000, seen)
  }
  return rowsOf(seen)
}

// In new processes each round, since the engine compiles the same code a little differently in each.
async function measureAll(calls: number, seen: Map<string, Seen>): Promise<void> {
  const children = groups.map((group) => startChild(new URL("process.ts", import.meta.url), [group], 1))
  try {
    for (const child of children) await child.ask({ do: "open" })
    for (const child of children) for (let time = 0; time < 2; time++) await child.ask({ do: "round", calls })
    for (const child of shuffled(children)) await measure(child, calls, seen)
  } finally {
    await Promise.all(children.map((child) => child.stop()))
  }
}

async function measure(child: Child, calls: number, seen: Map<string, Seen>): Promise<void> {
  const taken = await child.ask<Readonly<Record<string, number>>>({ do: "round", calls })
  const bare = taken[unit] ?? Number.NaN
  for (const [name, nanoseconds] of Object.entries(taken)) {
    const own = seen.get(name) ?? { nanoseconds: [], times: [] }
    seen.set(name, own)
    own.nanoseconds.push(nanoseconds)
    own.times.push(nanoseconds / bare)
  }
}

function rowsOf(seen: ReadonlyMap<string, Seen>): readonly Row[] {
  const times = (name: string) => seen.get(name)?.times ?? []
  const peers = [...seen.keys()].filter((name) => name !== unit && !name.startsWith("hanok"))
  return [
    rowOf("inline_x_async", "x", times("hanok")),
    rowOf("inline_async_handler_x_async", "x", times("hanok_async_handler")),
    ...peers.map((name) => rowOf(`inline_x_${name}`, "x", ratios(times(name), times("hanok")))),
    ...[...seen].map(([name, { nanoseconds }]) => rowOf(`inline_${name}_ns`, "ns", nanoseconds)),
  ]
}
