import type { Account } from "../../examples/shop/load/shopping/account.ts"
import type { LoadClient } from "./load/load-client.ts"
import type { WindowOrder, WindowReport } from "./load/window.ts"
import type { Database } from "./machine/database.ts"
import { cpuMsOf } from "./machine/process-figures.ts"

/** What a window showed of the client's and the system's side. */
export interface Figures extends WindowReport {
  readonly cpuMsPerRequest: number
  readonly databaseCpuMsPerRequest: number
  /** Of the core that the system has. */
  readonly cpuShare: number
}

/** What is put under load. */
export interface Target {
  readonly name: string
  readonly url: string
  /** Of all its processes. */
  readonly pids: readonly number[]
  readonly accounts: readonly Account[]
}

export interface WindowTools {
  readonly client: LoadClient
  readonly database: Database
  readonly report: (text: string) => void
}

export type Demand = Pick<WindowOrder, "seconds" | "actionsPerSecond" | "customers" | "mostActions">

/** Puts the target under load for a while. Rejects when it failed, or shed what today's services bear. */
export async function measureWindow(target: Target, seed: number, tools: WindowTools, demand: Demand): Promise<Figures> {
  const { client, database, report } = tools
  const { name, url, pids, accounts } = target
  const before = { cpuMs: cpuMsOf(pids), databaseCpuMs: database.cpuMs() }
  const window = await client.run({ ...demand, url, accounts, seed })
  const cpuMs = cpuMsOf(pids) - before.cpuMs
  const databaseCpuMs = database.cpuMs() - before.databaseCpuMs
  check(name, demand, window)
  const { requests, seconds } = window
  const cpu = { cpuMsPerRequest: cpuMs / requests, databaseCpuMsPerRequest: databaseCpuMs / requests, cpuShare: cpuMs / 1000 / seconds }
  report(lineOf(name, demand, { ...window, ...cpu }))
  return { ...window, ...cpu }
}

function check(name: string, { actionsPerSecond }: Demand, { failures, late, requests, shed }: WindowReport): void {
  if (requests === 0) throw new Error(`${name} has answered nothing.`)
  if (Object.keys(failures).length > 0) throw new Error(`${name} has failed: ${JSON.stringify(failures)}`)
  if (shed > 0 && actionsPerSecond !== undefined) throw new Error(`${name} has shed ${shed} requests at a load that today's services bear.`)
  if (late > 0) throw new Error(`${name} cannot bear the offered load: ${late} actions found no customer.`)
}

function lineOf(name: string, { actionsPerSecond }: Demand, figures: Figures): string {
  const load = actionsPerSecond === undefined ? "maximum" : `${actionsPerSecond} actions/s`
  const rate = Math.round(figures.requests / figures.seconds)
  const latency = `p50 ${figures.p50Ms.toFixed(2)} ms, p99 ${figures.p99Ms.toFixed(2)} ms`
  const cpu = `${figures.cpuMsPerRequest.toFixed(3)} ms CPU a request, core ${Math.round(figures.cpuShare * 100)} % busy`
  const rest = `client ${Math.round(figures.clientCpuShare * 100)} %${figures.shed === 0 ? "" : `, ${figures.shed} shed`}`
  return `${name}, ${load}: ${rate} requests/s, ${latency}, ${cpu}, ${rest}`
}
