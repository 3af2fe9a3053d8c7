import { createShopApi } from "../../../examples/shop/load/api.ts"
import { runCrowd } from "../../../examples/shop/load/crowd.ts"
import type { Actor } from "../../../examples/shop/load/crowd.ts"
import { createRandom } from "../../../examples/shop/load/random.ts"
import { createMixCustomer, mood } from "./mix.ts"
import { createPinger } from "./ping.ts"
import { Latencies } from "./window.ts"
import type { WindowOrder, WindowReport } from "./window.ts"

/** The load's own process: carries out one order after another, as its parent sends them. */
process.on("message", (order) => void carryOut(order as WindowOrder).then((report) => process.send?.(report)))
process.once("disconnect", () => process.exit())

async function carryOut(order: WindowOrder): Promise<WindowReport> {
  const { seconds, actionsPerSecond, customers, mostActions = Number.POSITIVE_INFINITY, seed } = order
  const latencies = new Latencies()
  const random = createRandom(seed)
  const { createActor, close } = order.accounts.length === 0 ? pingers(order, latencies) : shoppers(order, latencies)
  let actions = 0
  const end = new AbortController()
  const count = () => {
    actions += 1
    if (actions === mostActions) end.abort()
  }
  const counted = (actor: Actor): Actor => ({ act: (now) => actor.act(now).finally(count) })
  const timer = setTimeout(() => end.abort(), seconds * 1000)
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  const crowd = { customers, random, createActor: (number: number) => counted(createActor(number)), moodNow: () => mood }
  const { late } = await runCrowd({ ...crowd, rate: actionsPerSecond, signal: end.signal })
  clearTimeout(timer)
  const tookSeconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  await close()
  const clientCpuShare = (user + system) / 1e6 / tookSeconds
  return { ...latencies.report(), seconds: tookSeconds, actionsPerSecond: actions / tookSeconds, late, clientCpuShare }
}

interface Crowd {
  createActor(number: number): Actor
  close(): Promise<void>
}

function shoppers({ url, accounts, seed }: WindowOrder, { add }: Latencies): Crowd {
  const api = createShopApi({ url, onExchange: add })
  const random = createRandom(seed)
  const createActor = (number: number) => createMixCustomer(api, random.fork(number), accounts[number % accounts.length])
  return { createActor, close: () => api.close() }
}

function pingers({ url }: WindowOrder, { add }: Latencies): Crowd {
  const { actor, close } = createPinger(url, add)
  return { createActor: () => actor, close }
}
