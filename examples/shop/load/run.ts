import { randomUUID } from "node:crypto"
import { isFault, isRefusal } from "@hanok/contract"
import { createShopApi } from "./api.ts"
import type { ShopApi } from "./api.ts"
import { runCrowd } from "./crowd.ts"
import type { CrowdReport } from "./crowd.ts"
import { createCustomer } from "./customer.ts"
import { createMeasurements } from "./measurements.ts"
import type { Report } from "./measurements.ts"
import type { LoadOptions } from "./options.ts"
import { createRandom } from "./random.ts"
import { moodAt } from "./season.ts"
import { openAccount } from "./shopping/account.ts"
import type { Account } from "./shopping/account.ts"
import { itemContract } from "../modules/item/contract.ts"

export interface LoadReport extends Report, CrowdReport {
  readonly season: LoadOptions["season"]
  readonly seed: number
}

export interface LoadWatch {
  /** Ends the run early; what was begun still ends. */
  readonly signal?: AbortSignal
  /** Every two seconds. */
  readonly onProgress?: (line: string) => void
}

const progressMs = 2_000
/** After the end, how long what was begun may still take. */
const graceMs = 20_000

/** Signing in is made to be slow; so accounts are opened before the clock starts, and shared by more customers than these. */
const mostAccounts = 50
const openedAtOnce = 4

/**
 * Runs customers against a shop. Rejects when the shop cannot be reached at the start, or has nothing on sale.
 * @example
 * const report = await runLoad({ url, customers: 20, seconds: 10, season: "none", rate: undefined, seed: 1, failures: 0.01 })
 */
export async function runLoad(options: LoadOptions, { signal, onProgress }: LoadWatch = {}): Promise<LoadReport> {
  await checkOpen(options.url)
  // Names are new in every run, since accounts stay; what customers choose comes from the seed alone.
  const run = `load-${randomUUID().slice(0, 8)}`
  const accounts = await openAccounts(options, run, signal)
  const measurements = createMeasurements()
  const api = createShopApi({ url: options.url, onExchange: measurements.add })
  const random = createRandom(options.seed)
  const createActor = (number: number) => {
    const account = accounts[number % accounts.length]
    return createCustomer({ api, random: random.fork(number), name: `${run}-${number}`, ...(account ? { account } : {}) })
  }
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  const moodNow = () => moodAt(options.season, seconds() / options.seconds)
  const end = endOf(options.seconds * 1000, signal)
  const showing = setInterval(() => onProgress?.(progressLine(seconds(), measurements.recent())), progressMs)
  const cutting = cutAfter(end.signal, api)
  try {
    const crowd = await runCrowd({ ...options, random, createActor, moodNow, signal: end.signal })
    return { ...measurements.report(), ...crowd, season: options.season, seed: options.seed }
  } finally {
    clearInterval(showing)
    cutting.clear()
    end.clear()
    await api.close()
  }
}

async function openAccounts({ url, customers }: LoadOptions, run: string, signal: AbortSignal | undefined): Promise<readonly Account[]> {
  const api = createShopApi({ url })
  const wanted = Math.min(customers, mostAccounts)
  const opened: (Account | undefined)[] = []
  try {
    for (let number = 0; number < wanted; number += openedAtOnce) {
      if (signal?.aborted) break
      const names = Array.from({ length: openedAtOnce }, (_, more) => `${run}-account-${number + more}`)
      const some = await Promise.all(names.map((name) => openAccount(api, name).catch(unlessRefused)))
      opened.push(...some)
      if (some.every((account) => account === undefined)) break
    }
  } finally {
    await api.close()
  }
  return opened.filter((account) => account !== undefined)
}

// Customers without an account register themselves: then it is counted what goes wrong.
function unlessRefused(error: unknown): undefined {
  if (!isFault(error) && !isRefusal(error)) throw error
}

async function checkOpen(url: string): Promise<void> {
  const api = createShopApi({ url, timeoutMs: 5_000 })
  try {
    const { items } = await api.call(itemContract, "items", {})
    if (items.length === 0) throw new Error(`The shop at ${url} has nothing on sale. Start it with its seed: npm start.`)
  } finally {
    await api.close()
  }
}

function endOf(ms: number, signal: AbortSignal | undefined) {
  const controller = new AbortController()
  const stop = () => controller.abort()
  const timer = setTimeout(stop, ms)
  if (signal?.aborted) stop()
  signal?.addEventListener("abort", stop, { once: true })
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      signal?.removeEventListener("abort", stop)
    },
  }
}

function cutAfter(signal: AbortSignal, api: ShopApi) {
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    timer = setTimeout(() => void api.close(), graceMs)
  }
  signal.addEventListener("abort", begin, { once: true })
  return { clear: () => clearTimeout(timer) }
}

function progressLine(
  seconds: number,
  { requestsPerSecond, p99Ms, failures }: ReturnType<ReturnType<typeof createMeasurements>["recent"]>,
): string {
  return `${Math.round(seconds)} s: ${requestsPerSecond} requests/s, p99 ${p99Ms} ms, ${failures} failed`
}
