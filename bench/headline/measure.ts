import type { ContenderName } from "./contenders.ts"
import type { LoadClient } from "./load/load-client.ts"
import type { WindowOrder, WindowReport } from "./load/window.ts"
import type { Database } from "./machine/database.ts"
import { cpuMsOf, memoryMbOf } from "./machine/process-figures.ts"
import type { Shop } from "./open-shops.ts"
import { closedLoops, loads, mostCustomers } from "./plan.ts"
import type { LoadName, Plan } from "./plan.ts"

/** One window. */
export interface Figures extends WindowReport {
  readonly cpuMsPerRequest: number
  readonly databaseCpuMsPerRequest: number
  /** Of the core that the system has. */
  readonly cpuShare: number
}

export type Round = Readonly<Record<ContenderName, Figures>>

export interface Measured {
  readonly actionsPerSecond: Readonly<Record<LoadName, number>>
  readonly atLoad: Readonly<Record<LoadName, readonly Round[]>>
  readonly maximum: readonly Round[]
  readonly memoryMb: Readonly<Record<ContenderName, number>>
}

export interface Tools {
  readonly client: LoadClient
  readonly database: Database
  readonly report: (text: string) => void
}

/** Measures the shops round by round, each in turn within a round; the same loads first, then each one's maximum. */
export async function measure(shops: readonly Shop[], plan: Plan, tools: Tools): Promise<Measured> {
  const closed = (seconds: number) => ({ seconds, actionsPerSecond: undefined, customers: closedLoops })
  await roundOf(shops, 0, tools, closed(plan.warmUpSeconds))
  const most = await maximumOfToday(shops, tools, closed(plan.windowSeconds))
  const actionsPerSecond = { offered: Math.round(most * loads.offered), light: Math.max(1, Math.round(most * loads.light)) }
  tools.report(`today bears ${Math.round(most)} actions/s; offered are ${actionsPerSecond.offered} and ${actionsPerSecond.light}`)
  const atLoad: Record<LoadName, Round[]> = { offered: [], light: [] }
  for (let round = 1; round <= plan.rounds; round++) {
    for (const load of round <= plan.otherRounds ? (["offered", "light"] as const) : (["offered"] as const)) {
      const open = { seconds: plan.windowSeconds, actionsPerSecond: actionsPerSecond[load], customers: mostCustomers }
      atLoad[load].push(await roundOf(shops, round, tools, open, plan.leadInSeconds))
    }
  }
  const memoryMb = byName(shops, (shop) => memoryMbOf(pidsOf(shop)))
  const maximum: Round[] = []
  for (let round = 1; round <= plan.otherRounds; round++) {
    maximum.push(await roundOf(shops, round, tools, closed(plan.windowSeconds), plan.leadInSeconds))
  }
  return { actionsPerSecond, atLoad, maximum, memoryMb }
}

async function maximumOfToday(shops: readonly Shop[], tools: Tools, demand: Demand): Promise<number> {
  const today = found(shops.find(({ contender }) => contender.name === "today"))
  return (await windowOf(today, 0, tools, demand)).actionsPerSecond
}

type Demand = Pick<WindowOrder, "seconds" | "actionsPerSecond" | "customers">

async function roundOf(shops: readonly Shop[], round: number, tools: Tools, demand: Demand, leadInSeconds = 0): Promise<Round> {
  const figures = new Map<ContenderName, Figures>()
  // Each is the first as often as the others.
  for (const place of shops.keys()) {
    const shop = shops[(place + round) % shops.length]
    if (!shop) continue
    if (leadInSeconds > 0) await windowOf(shop, round, { ...tools, report: () => undefined }, { ...demand, seconds: leadInSeconds })
    figures.set(shop.contender.name, await windowOf(shop, round, tools, demand))
  }
  return byName(shops, ({ contender }) => found(figures.get(contender.name)))
}

async function windowOf(
  { contender, accounts }: Shop,
  round: number,
  { client, database, report }: Tools,
  demand: Demand,
): Promise<Figures> {
  const pids = pidsOf({ contender, accounts })
  const before = { cpuMs: cpuMsOf(pids), databaseCpuMs: database.cpuMs() }
  const window = await client.run({ ...demand, url: contender.url, accounts: accounts.slice(0, -1), seed: round + 1 })
  const cpuMs = cpuMsOf(pids) - before.cpuMs
  const databaseCpuMs = database.cpuMs() - before.databaseCpuMs
  check(contender.name, demand, window)
  const cpuShare = cpuMs / 1000 / window.seconds
  report(lineOf(contender.name, demand, window, cpuMs, cpuShare))
  return { ...window, cpuShare, cpuMsPerRequest: cpuMs / window.requests, databaseCpuMsPerRequest: databaseCpuMs / window.requests }
}

function check(name: ContenderName, { actionsPerSecond }: Demand, { failures, late, requests, shed }: WindowReport): void {
  if (requests === 0) throw new Error(`${name} has answered nothing.`)
  if (Object.keys(failures).length > 0) throw new Error(`${name} has failed: ${JSON.stringify(failures)}`)
  if (shed > 0 && actionsPerSecond !== undefined) throw new Error(`${name} has shed ${shed} requests at a load that today bears.`)
  if (late > 0) throw new Error(`${name} cannot bear the offered load: ${late} actions found no customer.`)
}

function lineOf(name: ContenderName, { actionsPerSecond }: Demand, window: WindowReport, cpuMs: number, cpuShare: number): string {
  const load = actionsPerSecond === undefined ? "maximum" : `${actionsPerSecond} actions/s`
  const rate = Math.round(window.requests / window.seconds)
  const latency = `p50 ${window.p50Ms.toFixed(2)} ms, p99 ${window.p99Ms.toFixed(2)} ms`
  const cpu = `${(cpuMs / window.requests).toFixed(3)} ms CPU a request, core ${Math.round(cpuShare * 100)} % busy`
  return `${name}, ${load}: ${rate} requests/s, ${latency}, ${cpu}, client ${Math.round(window.clientCpuShare * 100)} %, ${window.shed} shed`
}

function pidsOf({ contender }: Shop): readonly number[] {
  return Object.values(contender.children).map(({ pid }) => pid)
}

function byName<T>(shops: readonly Shop[], value: (shop: Shop) => T): Readonly<Record<ContenderName, T>> {
  // All three are there, which is what the record says.
  return Object.fromEntries(shops.map((shop) => [shop.contender.name, value(shop)])) as Record<ContenderName, T>
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("A contender is missing.")
  return value
}
