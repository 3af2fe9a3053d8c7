import { createShopApi } from "../../../examples/shop/load/api.ts"
import { runCrowd } from "../../../examples/shop/load/crowd.ts"
import { createRandom } from "../../../examples/shop/load/random.ts"
import { createMixCustomer, mood } from "./mix.ts"
import { Latencies } from "./window.ts"
import type { WindowOrder, WindowReport } from "./window.ts"

/** The load's own process: carries out one order after another, as its parent sends them. */
process.on("message", (order) => void carryOut(order as WindowOrder).then((report) => process.send?.(report)))
process.once("disconnect", () => process.exit())

async function carryOut({ url, accounts, seconds, actionsPerSecond, customers, seed }: WindowOrder): Promise<WindowReport> {
  const latencies = new Latencies()
  const api = createShopApi({ url, onExchange: latencies.add })
  const random = createRandom(seed)
  let actions = 0
  const createActor = (number: number) =>
    createMixCustomer(api, random.fork(number), accounts[number % accounts.length], () => {
      actions += 1
    })
  const end = new AbortController()
  const timer = setTimeout(() => end.abort(), seconds * 1000)
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  const crowd = { customers, random, createActor, moodNow: () => mood, signal: end.signal }
  const { late } = await runCrowd({ ...crowd, rate: actionsPerSecond })
  clearTimeout(timer)
  const tookSeconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  await api.close()
  const clientCpuShare = (user + system) / 1e6 / tookSeconds
  return { ...latencies.report(), seconds: tookSeconds, actionsPerSecond: actions / tookSeconds, late, clientCpuShare }
}
