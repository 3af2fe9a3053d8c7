import type { Row, RunOptions } from "../../harness/row.ts"
import { startChild } from "../../harness/child.ts"
import { ratios, rowOf } from "../../harness/summary.ts"

/** Calls within one process: how many times a bare async call each costs. */
export async function run({ rounds, quick, report }: RunOptions): Promise<readonly Row[]> {
  const child = startChild(new URL("process.ts", import.meta.url), [], 1)
  try {
    const names = await child.ask<readonly string[]>({ do: "open" })
    const nanoseconds = new Map(names.map((name) => [name, [] as number[]]))
    for (let round = -1; round < rounds; round++) {
      report(round < 0 ? `inline: warming up ${names.length} contenders` : `inline: round ${round + 1} of ${rounds}`)
      const taken = await child.ask<Readonly<Record<string, number>>>({ do: "round", calls: quick ? 20_000 : 100_000 })
      if (round >= 0) for (const name of names) nanoseconds.get(name)?.push(taken[name] ?? Number.NaN)
    }
    return rowsOf(nanoseconds)
  } finally {
    await child.stop()
  }
}

function rowsOf(nanoseconds: ReadonlyMap<string, readonly number[]>): readonly Row[] {
  const of = (name: string) => nanoseconds.get(name) ?? []
  const peers = [...nanoseconds.keys()].filter((name) => name !== "async" && !name.startsWith("hanok"))
  return [
    rowOf("inline_x_async", "x", ratios(of("hanok"), of("async"))),
    rowOf("inline_async_handler_x_async", "x", ratios(of("hanok_async_handler"), of("async"))),
    ...peers.map((name) => rowOf(`inline_x_${name}`, "x", ratios(of(name), of("hanok")))),
    ...[...nanoseconds].map(([name, values]) => rowOf(`inline_${name}_ns`, "ns", values)),
  ]
}
