import { setTimeout as sleep } from "node:timers/promises"
import type { ChaosShop } from "../shop/chaos-shop.ts"
import type { Fault, Site } from "./fault.ts"
import type { Ask, Row } from "../shop/superuser.ts"
import { descendantsOf, signal } from "./signals.ts"

const throughDatabase = "order"

/** All connections to PostgreSQL are broken, in the middle of whatever they do. */
export const killBackends: Fault = {
  name: "kill-backends",
  async inflict({ shop, probe }) {
    const text = `select count(pg_terminate_backend(pid))::int as ended from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()`
    const [row] = await rowsOf(shop, text)
    return { target: "postgres", recoveryMs: (await probe.recovery(throughDatabase)) ?? null, notes: { ended: row?.["ended"] } }
  },
}

/** One backend dies the hard way: PostgreSQL throws out the others, too, and ends; started again, it recovers from its log. */
export const crashPostgres: Fault = {
  name: "crash-postgres",
  async inflict(site, random) {
    const text = "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
    const pid = Number(random.pick(await rowsOf(site.shop, text))?.["pid"] ?? 0)
    if (pid > 0) signal(pid, "SIGKILL")
    return { target: "postgres", ...(await recovered(site)) }
  },
}

/** PostgreSQL is stopped, gently or at once; `hanok dev` starts it again. */
export const restartPostgres: Fault = {
  name: "restart-postgres",
  async inflict(site, random) {
    const pid = await site.shop.database.pid()
    const how = random.pick(["SIGINT", "SIGQUIT", "SIGKILL"] as const) ?? "SIGINT"
    if (pid !== undefined) signal(pid, how)
    await until(async () => (await site.shop.database.pid()) !== pid, restartMs)
    return { target: "postgres", ...(await recovered(site)), notes: { how } }
  },
}

/** PostgreSQL and all its processes stand still. */
export const freezePostgres: Fault = {
  name: "freeze-postgres",
  async inflict({ shop, probe, brevity }, random) {
    const pid = await shop.database.pid()
    const all = pid === undefined ? [] : [pid, ...descendantsOf(pid)]
    const frozenMs = random.between(1_000, 4_000) * brevity
    for (const one of all) signal(one, "SIGSTOP")
    try {
      await sleep(frozenMs)
    } finally {
      for (const one of all.toReversed()) signal(one, "SIGCONT")
    }
    return { target: "postgres", recoveryMs: (await probe.recovery(throughDatabase)) ?? null, notes: { frozenMs } }
  },
}

/** There is no room left on the disk, for PostgreSQL and for traces; then there is again. */
export const fullDisk: Fault = {
  name: "full-disk",
  impossible: ({ shop }) => (shop.disk ? undefined : "only root can mount a disk that is small enough"),
  async inflict(site, random) {
    const fullMs = random.between(2_000, 5_000) * site.brevity
    await site.shop.disk?.fill()
    const needed = needRoom(site.shop)
    try {
      await sleep(fullMs)
    } finally {
      await site.shop.disk?.empty()
    }
    // A PostgreSQL that the lack of it has ended lets nobody in, and that must not make it last longer.
    await needed
    return { target: "postgres", ...(await recovered(site)), notes: { fullMs } }
  },
}

// A new file for the log of writes, without which nothing can be kept; usually one is needed only every 16 MB.
async function needRoom({ database }: ChaosShop): Promise<void> {
  const next = (ask: Ask) => ask("select pg_logical_emit_message(false, 'chaos', 'full'), pg_switch_wal()")
  for (let times = 0; times < 3; times++) await database.connected("postgres", next).catch(() => undefined)
}

const restartMs = 30_000

// What came before may still be there, and PostgreSQL not: it is waited for as long as it may take to start, and asked again where that
// ends the connection in the middle of the question.
async function rowsOf({ database }: ChaosShop, text: string): Promise<readonly Row[]> {
  for (const end = performance.now() + restartMs; ; await sleep(50)) {
    try {
      return await database.connected("postgres", (ask) => ask(text))
    } catch (error) {
      if (performance.now() > end) throw error
    }
  }
}

async function recovered({ shop, probe }: Site) {
  const begun = performance.now()
  const isUp = await until(() => answers(shop), restartMs)
  const recoveryMs = isUp ? await probe.recovery(throughDatabase) : undefined
  if (recoveryMs === undefined) return { recoveryMs: null, wrong: ["the shop does not come back to its database"] }
  return { recoveryMs: performance.now() - begun }
}

function answers({ database }: ChaosShop): Promise<boolean> {
  return database
    .connected("postgres", (ask) => ask("select 1"))
    .then(() => true)
    .catch(() => false)
}

async function until(condition: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs
  while (performance.now() < end) {
    if (await condition()) return true
    await sleep(50)
  }
  return false
}
