import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { pathToFileURL } from "node:url"
import type { Row, RunOptions } from "../harness/row.ts"
import { median, ratios, rowOf, shuffled } from "../harness/summary.ts"
import { startDatabase } from "../headline/machine/database.ts"
import type { Database } from "../headline/machine/database.ts"
import { openShop } from "./shop.ts"

const waiting = 5_000
const atOnce = 500
/** Callers give up a service that is gone only after a while. */
const goneMs = 3_000
const paysPerSecond = 10

interface Figures {
  /** Of PostgreSQL and of the service, together. */
  readonly cpuMsPerSecond: number
  readonly delayMs: number
  readonly triedPerSecond: number
}

/** What events cost that wait for a service that is gone: beside the same without any, which is the limit. */
export async function run({ rounds, quick, report }: RunOptions): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-bench-away-"))
  const database = await startDatabase()
  const seen = { some: [] as Figures[], none: [] as Figures[] }
  let shops = 0
  try {
    for (let round = 0; round < rounds; round++) {
      report(`away: round ${round + 1} of ${rounds}`)
      for (const way of shuffled(["some", "none"] as const)) {
        const url = await database.create(`away-${++shops}`)
        seen[way].push(await measure(database, url, folder, way === "some" ? waiting : 0, quick ? 1 : 5))
      }
    }
  } finally {
    await database.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const all = (way: keyof typeof seen, figure: keyof Figures) => seen[way].map((figures) => figures[figure])
  return [
    rowOf("away_cpu_x_none", "x", ratios(all("some", "cpuMsPerSecond"), all("none", "cpuMsPerSecond"))),
    rowOf("away_delay_x_none", "x", ratios(all("some", "delayMs"), all("none", "delayMs"))),
    rowOf("away_cpu", "ms/s", all("some", "cpuMsPerSecond")),
    rowOf("away_none_cpu", "ms/s", all("none", "cpuMsPerSecond")),
    rowOf("away_delay_p50", "ms", all("some", "delayMs")),
    rowOf("away_none_delay_p50", "ms", all("none", "delayMs")),
    rowOf("away_tries", "1/s", all("some", "triedPerSecond")),
  ]
}

async function measure(database: Database, url: string, folder: string, events: number, seconds: number): Promise<Figures> {
  const shop = await openShop(url, pathToFileURL(`${folder}/`))
  try {
    for (let left = events; left > 0; left -= atOnce) await shop.cancel(Math.min(atOnce, left))
    await sleep(goneMs)
    const [begun, before, databaseBefore, triedBefore] = [performance.now(), process.cpuUsage(), database.cpuMs(), shop.tried()]
    const first = shop.delays.length
    for (let number = 0; number < seconds * paysPerSecond; number++) {
      await shop.pay(`order ${number}`)
      await sleep(1000 / paysPerSecond)
    }
    const tookSeconds = (performance.now() - begun) / 1000
    const { user, system } = process.cpuUsage(before)
    const cpuMs = (user + system) / 1000 + database.cpuMs() - databaseBefore
    return {
      cpuMsPerSecond: cpuMs / tookSeconds,
      delayMs: median(shop.delays.slice(first)),
      triedPerSecond: (shop.tried() - triedBefore) / tookSeconds,
    }
  } finally {
    await shop.close()
  }
}
