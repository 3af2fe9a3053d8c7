import { startChild } from "../harness/child.ts"
import type { Row, RunOptions } from "../harness/row.ts"
import { median, ratios, rowOf, shuffled } from "../harness/summary.ts"
import { startLoad } from "./load.ts"
import type { Target } from "./load.ts"

const names = ["hanok", "fastify", "fastify_jwt"] as const

/** Requests per second that one core answers: Hanok's gateway, bare Fastify, and Fastify that verifies tokens. */
export async function run({ rounds, quick, report }: RunOptions): Promise<readonly Row[]> {
  const seen = new Map(names.map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    report(`gateway: round ${round + 1} of ${rounds}`)
    for (const [name, perSecond] of await measure(quick)) seen.get(name)?.push(perSecond)
  }
  const of = (name: (typeof names)[number]) => seen.get(name) ?? []
  return [
    rowOf("gateway_x_fastify", "x", ratios(of("hanok"), of("fastify"))),
    rowOf("gateway_x_fastify_jwt", "x", ratios(of("hanok"), of("fastify_jwt"))),
    rowOf("gateway_rps", "requests/s", of("hanok")),
    rowOf("fastify_rps", "requests/s", of("fastify")),
    rowOf("fastify_jwt_rps", "requests/s", of("fastify_jwt")),
  ]
}

/** One round: all of them running, each warmed up, then measured in turns, since what disturbs one turn should disturb all. */
async function measure(quick: boolean): Promise<ReadonlyMap<(typeof names)[number], number>> {
  const load = startLoad()
  const servers = names.map((name) => ({ name, child: startChild(new URL("process.ts", import.meta.url), [name], 0) }))
  try {
    const perSecond = new Map(names.map((name) => [name, [] as number[]]))
    const targets = await Promise.all(servers.map(async ({ name, child }) => ({ name, target: await child.ask<Target>({}) })))
    for (const { target } of targets) await load.post(target, quick ? 0.7 : 3)
    for (let turn = 0; turn < (quick ? 1 : 4); turn++) {
      for (const { name, target } of shuffled(targets)) {
        const { requestsPerSecond } = await load.post(target, quick ? 0.7 : 2)
        perSecond.get(name)?.push(requestsPerSecond)
      }
    }
    return new Map([...perSecond].map(([name, values]) => [name, median(values)]))
  } finally {
    await Promise.all([load.stop(), ...servers.map(({ child }) => child.stop())])
  }
}
