import { startChild } from "../harness/child.ts"
import type { Child } from "../harness/child.ts"
import { startLoad } from "../harness/load.ts"
import type { Load, Post } from "../harness/load.ts"
import type { Row, RunOptions } from "../harness/row.ts"
import { ratios, rowOf, shuffled } from "../harness/summary.ts"

const names = ["hanok", "fastify", "fastify_jwt"] as const
type Name = (typeof names)[number]

interface Figures {
  readonly perSecond: number
  /** Processor time of the server; microseconds a request. */
  readonly cpuUs: number
  /** Of its core, what the server used. */
  readonly busy: number
}
type Round = ReadonlyMap<Name, Figures>

const turnMs = 250

/** Requests per second that one core answers: Hanok's gateway, bare Fastify, and Fastify that verifies tokens. */
export async function run({ rounds, quick, report }: RunOptions): Promise<readonly Row[]> {
  const seen: Round[] = []
  for (let round = 0; round < rounds; round++) {
    report(`gateway: round ${round + 1} of ${rounds}`)
    seen.push(await measure(quick))
  }
  const of = (name: Name, pick: keyof Figures) => seen.map((round) => round.get(name)?.[pick] ?? Number.NaN)
  return [
    rowOf("gateway_x_fastify", "x", ratios(of("hanok", "perSecond"), of("fastify", "perSecond"))),
    rowOf("gateway_x_fastify_jwt", "x", ratios(of("hanok", "perSecond"), of("fastify_jwt", "perSecond"))),
    ...names.flatMap((name) => [
      rowOf(`gateway_${name}_rps`, "requests/s", of(name, "perSecond")),
      rowOf(`gateway_${name}_cpu`, "us", of(name, "cpuUs")),
      rowOf(`gateway_${name}_busy`, "share", of(name, "busy")),
    ]),
  ]
}

interface Server {
  readonly name: Name
  readonly child: Child
  readonly post: Post
  readonly seen: { requests: number; ms: number; cpuUs: number }
}

/** One round: all of them running, each warmed up, then measured in short turns, since what disturbs one turn should disturb all. */
async function measure(quick: boolean): Promise<Round> {
  const load = startLoad()
  const children = names.map((name) => ({ name, child: startChild(new URL("process.ts", import.meta.url), [name], 0) }))
  try {
    const servers = await Promise.all(children.map(({ name, child }) => serve(name, child)))
    for (const { post } of servers) await load.post(post, quick ? 700 : 4_000)
    for (let turns = 0; turns < (quick ? 3 : 24); turns++) for (const server of shuffled(servers)) await turn(server, load)
    return new Map(servers.map(({ name, seen }) => [name, figuresOf(seen)]))
  } finally {
    await Promise.all([load.stop(), ...children.map(({ child }) => child.stop())])
  }
}

async function serve(name: Name, child: Child): Promise<Server> {
  const post = await child.ask<Post>({ do: "serve" })
  return { name, child, post, seen: { requests: 0, ms: 0, cpuUs: 0 } }
}

async function turn({ child, post, seen }: Server, load: Load): Promise<void> {
  const before = await child.ask<number>({ do: "cpu" })
  const { requests, ms } = await load.post(post, turnMs)
  seen.cpuUs += (await child.ask<number>({ do: "cpu" })) - before
  seen.requests += requests
  seen.ms += ms
}

function figuresOf({ requests, ms, cpuUs }: Server["seen"]): Figures {
  return { perSecond: (requests / ms) * 1000, cpuUs: cpuUs / requests, busy: cpuUs / 1000 / ms }
}
