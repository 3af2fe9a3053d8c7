import { setTimeout as sleep } from "node:timers/promises"
import { createRandom } from "../../examples/shop/load/random.ts"
import { signUserToken } from "@hanok/runtime"
import { createBooks } from "./business/books.ts"
import { createDesk } from "./business/desk.ts"
import type { Desk } from "./business/desk.ts"
import { furnish } from "./business/furnish.ts"
import type { Post } from "./business/furnish.ts"
import { createHttpClient } from "./business/http-client.ts"
import type { HttpClient } from "./business/http-client.ts"
import { createMeter } from "./business/meter.ts"
import type { Meter } from "./business/meter.ts"
import { findMost, goodWith } from "./business/ramp.ts"
import type { Most } from "./business/ramp.ts"
import { resolveUnknown, waitForRest } from "./business/settle.ts"
import { startTraffic } from "./business/traffic.ts"
import type { Mall } from "./business/visitor.ts"
import { gather } from "./check/gather.ts"
import { promisedBy } from "./check/promised.ts"
import { verify } from "./check/verify.ts"
import type { Fault, Site } from "./faults/fault.ts"
import { createProbe } from "./faults/probe.ts"
import { runSchedule } from "./faults/schedule.ts"
import { signal as sendSignal } from "./faults/signals.ts"
import type { ChaosOptions } from "./options.ts"
import { reportOf } from "./report.ts"
import type { ChaosReport } from "./report.ts"
import { startChaosShop } from "./shop/chaos-shop.ts"
import type { ChaosShop } from "./shop/chaos-shop.ts"
import topology from "./shop/topology.ts"

export interface ChaosWatch {
  /** Ends the faults early; what was promised until then is still checked. */
  readonly signal: AbortSignal
  readonly onProgress: (line: string) => void
}

/** Of the most that the shop can do, what comes usually; a surge is ten times this. */
const usualShare = 0.2
/** Sellers are many in a long run, since the old settlement core takes the longer over a partner the more it has sold. */
const many = { customers: 16, sellers: 8 }
const few = { customers: 8, sellers: 2 }

/** Starts a shop, makes life hard for it, and finds out which promises it has not kept. Stops everything that it has started. */
export async function runChaos(options: ChaosOptions, kinds: readonly Fault[], watch: ChaosWatch): Promise<ChaosReport> {
  const onLine = (line: string) => (options.logs ? process.stderr.write(`${line}\n`) : undefined)
  watch.onProgress("starting the shop, a process for each module")
  const shop = await startChaosShop({ onLine })
  const client = createHttpClient(shop.gatewayUrl)
  try {
    return await inflictAndCheck(shop, client, options, kinds, watch)
  } finally {
    client.close()
    for (const { pid } of shop.processes.all()) sendSignal(pid, "SIGCONT")
    await shop.close()
  }
}

async function inflictAndCheck(shop: ChaosShop, client: HttpClient, options: ChaosOptions, kinds: readonly Fault[], watch: ChaosWatch) {
  const { onProgress } = watch
  const signal = AbortSignal.any([watch.signal, shop.signal])
  const short = options.minutes < shortMinutes
  const meter = createMeter()
  const random = createRandom(options.seed)
  const desk = createDesk({ client, books: createBooks(), meter, secret: shop.secret, random: random.fork(1) })
  const furnished = await furnish({ post: postOver(shop, client), desk, ...(short ? few : many) })
  const mall = { desk, furnished }
  onProgress(`furnished; finding out how much it can do`)
  const most = await findMost(mall, meter, options.seed, short ? 1_200 : 4_000, signal)
  onProgress(`at most ${most.goodPerSecond.toFixed(0)} requests/s, with ${most.customers} customers`)
  const traffic = startTraffic({ mall, seed: options.seed, rate: Math.max(1, (most.goodPerSecond * usualShare) / requestsPerVisit) })
  const site = await siteOf({ shop, client, mall, meter, traffic, most, seed: options.seed, short, signal })
  const before = { requests: meter.requests, at: performance.now() }
  const showing = setInterval(() => onProgress(progressOf(desk, meter, before, options)), progressMs)
  try {
    const chosen = kinds.filter((kind) => options.faults.length === 0 || options.faults.includes(kind.name))
    const possible = chosen.filter((kind) => kind.impossible?.(site) === undefined)
    const faults = await runSchedule({
      kinds: possible,
      site,
      random: random.fork(2),
      forMs: options.minutes * 60_000,
      signal,
      onFault: (name) => onProgress(`inflicting ${name}`),
      onReport: ({ name, target, recoveryMs, wrong = [] }) =>
        onProgress(
          `${name} on ${target}: ${recoveryMs === null ? "over" : `well again in ${recoveryMs.toFixed(0)} ms`}${wrong.map((what) => `; WRONG: ${what}`).join("")}`,
        ),
    })
    const gone = shop.gone()
    if (gone !== undefined) throw new Error([`hanok dev has ended by itself: ${gone}`, ...shop.lastWords().slice(-lastLines)].join("\n"))
    onProgress("no more faults; asking again for what nobody knows")
    await traffic.stop()
    const unresolved = await resolveUnknown(desk, (left) => onProgress(`${left} still unknown`))
    const restless = await waitForRest(shop.database, (waiting) => onProgress(`waiting for ${waiting}`))
    const facts = await gather(shop.database, desk, furnished)
    const promised = promisedBy(desk.books, furnished)
    const skipped = chosen.flatMap((kind) => ({ name: kind.name, why: kind.impossible?.(site) })).filter(({ why }) => why !== undefined)
    const findings = verify(promised, facts)
    return reportOf({ options, most, faults, skipped, unresolved, restless, promised, findings, meter, gone: shop.gone() })
  } finally {
    clearInterval(showing)
    await traffic.stop()
  }
}

const shortMinutes = 2
/** Of what the shop said before it ended. */
const lastLines = 40
const progressMs = 2_000
/** About so many requests a visit makes. */
const requestsPerVisit = 1.9
/** For so long it is looked how much the shop can do after a surge. */
const mostMs = 5_000

interface Parts {
  readonly shop: ChaosShop
  readonly client: HttpClient
  readonly mall: Mall
  readonly meter: Meter
  readonly traffic: Site["traffic"]
  readonly most: Most
  readonly seed: number
  readonly short: boolean
  readonly signal: AbortSignal
}

async function siteOf({ shop, client, mall, meter, traffic, most, seed, short, signal }: Parts): Promise<Site> {
  const orderId = await paidOrder(mall)
  const probe = createProbe({ client, furnished: mall.furnished, orderId, tokenOf: (subject) => tokenFor(shop, subject) })
  const services = topology.services.map(({ name }) => name)
  const brevity = short ? 0.3 : 1
  const mostGoodPerSecond = () => goodWith(mall, meter, seed, most.customers, mostMs * brevity, signal)
  return { shop, traffic, meter, probe, services, mostGoodPerSecond, brevity }
}

async function paidOrder({ desk, furnished }: Mall): Promise<string> {
  const [customer] = furnished.customers
  const ware = furnished.wares.find(({ scarce }) => !scarce)
  if (!customer || !ware) throw new Error("The shop is not furnished.")
  const subject = customer.customerId
  const lines = [{ itemId: ware.itemId, quantity: 1 }]
  const placed = await desk.command({
    kind: "placeOrder",
    subject,
    path: "/orders",
    body: { lines, addressId: customer.addressId },
    about: "",
  })
  const body = placed.answer?.kind === "acknowledged" ? (placed.answer.body as { readonly orderId?: string }) : undefined
  const orderId = body?.orderId
  if (orderId === undefined) throw new Error("The first order is not placed.")
  await desk.command({
    kind: "payOrder",
    subject,
    path: `/orders/${orderId}/payment`,
    body: { method: "card", token: "tok_ok" },
    about: orderId,
  })
  return orderId
}

function tokenFor({ secret }: ChaosShop, subject: string): Promise<string> {
  const roles = subject === "chaos-admin" ? ["admin"] : ["customer", "partner"]
  return signUserToken(secret, { subject, roles }, 48 * 3600)
}

function postOver(shop: ChaosShop, client: HttpClient): Post {
  return async (path, body, subject) => {
    const token = subject === undefined ? {} : { token: await tokenFor(shop, subject) }
    const call = { method: "POST", path, body, idempotencyKey: crypto.randomUUID(), timeoutMs: 15_000, ...token } as const
    let answer = await client.send(call)
    // On a machine that is busy with starting twenty processes, one may lose sight of another for a moment.
    for (let tries = 1; answer.status === 503 && tries < 20; tries++) {
      await sleep(500)
      answer = await client.send(call)
    }
    if (answer.code === undefined) return answer.body as Readonly<Record<string, unknown>>
    throw new Error(
      `POST ${path} is answered with ${answer.status} ${answer.code}, before anything was broken: ${JSON.stringify(answer.body)}`,
    )
  }
}

function progressOf(desk: Desk, meter: Meter, before: { requests: number; at: number }, { minutes }: ChaosOptions): string {
  const seconds = (performance.now() - before.at) / 1_000
  const perSecond = (meter.requests - before.requests) / seconds
  return `${seconds.toFixed(0)} of ${minutes * 60} s: ${perSecond.toFixed(0)} requests/s, ${desk.books.unknown().length} unknown`
}
