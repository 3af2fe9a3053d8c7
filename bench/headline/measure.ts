import { setTimeout } from "node:timers/promises"
import type { ContenderName } from "./contenders.ts"
import type { Floor } from "./machine/floor.ts"
import { memoryMbOf } from "./machine/process-figures.ts"
import { measureWindow } from "./measure-window.ts"
import type { Demand, Figures, Target, WindowTools } from "./measure-window.ts"
import type { Shop } from "./open-shops.ts"
import { closedLoops, loads, mostCustomers } from "./plan.ts"
import type { LoadName, Plan } from "./plan.ts"
import { warmUp } from "./warm-up.ts"

export type Round = Readonly<Record<ContenderName, Figures>>

export interface Measured {
  readonly atLoad: Readonly<Record<LoadName, readonly Round[]>>
  readonly maximum: readonly Round[]
  /** The machine's own, at the offered load. */
  readonly floor: readonly Figures[]
  readonly memoryMb: Readonly<Record<ContenderName, number>>
}

export interface Tools extends WindowTools {
  readonly floor: Floor
}

/** Measures the shops round by round, each in turn within a round; the same loads first, then each one's maximum. */
export async function measure(shops: readonly Shop[], plan: Plan, tools: Tools): Promise<Measured> {
  const closed = (seconds: number) => ({ seconds, actionsPerSecond: undefined, customers: closedLoops })
  for (const shop of shops) {
    await turnOf(shop, shops)
    await warmUp(targetOf(shop), tools, plan)
  }
  await turnOf(undefined, shops)
  await measureWindow(floorTarget(tools), 1, quiet(tools), closed(plan.windowSeconds))
  const atLoad: Record<LoadName, Round[]> = { offered: [], light: [] }
  const floor: Figures[] = []
  for (let round = 1; round <= plan.rounds; round++) {
    const rates = await ratesOf(shops, round, plan, tools)
    for (const load of round <= plan.otherRounds ? (["offered", "light"] as const) : (["offered"] as const)) {
      const open = { seconds: plan.windowSeconds, actionsPerSecond: rates[load], customers: mostCustomers }
      atLoad[load].push(await roundOf(shops, round, tools, open, plan.leadInSeconds))
    }
    await turnOf(undefined, shops)
    floor.push(await floorOf(atLoad.offered.at(-1)?.today, plan, tools))
  }
  const memoryMb = byName(shops, (shop) => memoryMbOf(targetOf(shop).pids))
  const maximum: Round[] = []
  for (let round = 1; round <= plan.otherRounds; round++) {
    maximum.push(await roundOf(shops, round, tools, closed(plan.windowSeconds), plan.leadInSeconds))
  }
  return { atLoad, maximum, floor, memoryMb }
}

/** The loads of a round, in actions a second: in each, what `today` can do is found out anew, for the machine does not stay as quick as it was. */
async function ratesOf(shops: readonly Shop[], round: number, plan: Plan, tools: Tools): Promise<Readonly<Record<LoadName, number>>> {
  const demand = { seconds: plan.windowSeconds, actionsPerSecond: undefined, customers: closedLoops }
  const today = todayOf(shops)
  await turnOf(today, shops)
  // Others have been busy since it was last.
  await measureWindow(targetOf(today), round, quiet(tools), { ...demand, seconds: plan.leadInSeconds })
  const { actionsPerSecond: most } = await measureWindow(targetOf(today), round, quiet(tools), demand)
  const rates = { offered: Math.round(most * loads.offered), light: Math.max(1, Math.round(most * loads.light)) }
  tools.report(`today bears ${Math.round(most)} actions/s; offered are ${rates.offered} and ${rates.light}`)
  return rates
}

async function roundOf(shops: readonly Shop[], round: number, tools: Tools, demand: Demand, leadInSeconds = 0): Promise<Round> {
  const figures = new Map<ContenderName, Figures>()
  const seed = round + 1
  // Each is the first as often as the others.
  for (const place of shops.keys()) {
    const shop = found(shops[(place + round) % shops.length])
    const target = targetOf(shop)
    await turnOf(shop, shops)
    if (leadInSeconds > 0) await measureWindow(target, seed, quiet(tools), { ...demand, seconds: leadInSeconds })
    figures.set(shop.contender.name, await measureWindow(target, seed, tools, demand))
  }
  return byName(shops, ({ contender }) => found(figures.get(contender.name)))
}

// As many requests as the shops got.
function floorOf(today: Figures | undefined, plan: Plan, tools: Tools): Promise<Figures> {
  const { requests, seconds } = found(today)
  const demand = { seconds: plan.windowSeconds, actionsPerSecond: requests / seconds, customers: mostCustomers }
  return measureWindow(floorTarget(tools), 1, quiet(tools), demand)
}

function floorTarget({ floor: { url, pid } }: Tools): Target {
  return { name: "floor", url, pids: [pid], accounts: [] }
}

function quiet(tools: Tools): Tools {
  return { ...tools, report: () => undefined }
}

function todayOf(shops: readonly Shop[]): Shop {
  return found(shops.find(({ contender }) => contender.name === "today"))
}

const settleMs = 500

/**
 * From now on only that shop runs, and the others stand still: what they have left to do (collect garbage, export spans) would take
 * the core and its caches from the one that is measured. None runs without a shop. It has done what came due meanwhile when this resolves.
 */
async function turnOf(shop: Shop | undefined, shops: readonly Shop[]): Promise<void> {
  for (const other of shops) if (other !== shop) other.contender.pause()
  shop?.contender.resume()
  await setTimeout(settleMs)
}

// The last account has been used to see whether all answer alike.
function targetOf({ contender: { name, url, children }, accounts }: Shop): Target {
  return { name, url, pids: Object.values(children).map(({ pid }) => pid), accounts: accounts.slice(0, -1) }
}

function byName<T>(shops: readonly Shop[], value: (shop: Shop) => T): Readonly<Record<ContenderName, T>> {
  // All three are there, which is what the record says.
  return Object.fromEntries(shops.map((shop) => [shop.contender.name, value(shop)])) as Record<ContenderName, T>
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("A contender is missing.")
  return value
}
