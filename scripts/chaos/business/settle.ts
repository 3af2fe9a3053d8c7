import { setTimeout as sleep } from "node:timers/promises"
import { undeliveredIn } from "../check/gather.ts"
import type { Superuser } from "../shop/superuser.ts"
import type { Desk } from "./desk.ts"

const atOnce = 16

/**
 * Asks again, under the same keys, for everything of which nobody knows what became of it, as long as anything is settled every
 * `patienceMs`. Resolves to what still nobody knows.
 */
export async function resolveUnknown(
  { books, repeat }: Pick<Desk, "books" | "repeat">,
  onProgress: (left: number) => void,
  patienceMs = 30_000,
): Promise<number> {
  let settledAt = performance.now()
  const isWorthIt = () => performance.now() - settledAt < patienceMs
  for (let left = books.unknown(); left.length > 0 && isWorthIt(); left = books.unknown()) {
    onProgress(left.length)
    const rest = [...left]
    const work = async () => {
      for (let entry = rest.pop(); entry && isWorthIt(); entry = rest.pop()) if (await repeat(entry)) settledAt = performance.now()
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    if (books.unknown().length > 0) await sleep(500)
  }
  return books.unknown().length
}

const longestRestMs = 600_000

/**
 * Waits until nothing is under way any more: no event to be delivered, no order being placed; as long as anything changes
 * every `patienceMs`, and not for ever. Resolves to what is still under way, in words.
 */
export async function waitForRest(
  database: Pick<Superuser, "connected">,
  onProgress: (waiting: string) => void,
  patienceMs = 90_000,
): Promise<string> {
  const until = performance.now() + longestRestMs
  let changedAt = performance.now()
  let before = ""
  for (let calm = 0; calm < 3 && performance.now() < Math.min(until, changedAt + patienceMs);) {
    const waiting = await underWay(database).catch((error: unknown) => String(error))
    if (waiting !== before) changedAt = performance.now()
    before = waiting
    calm = waiting === "" ? calm + 1 : 0
    if (waiting !== "") onProgress(waiting)
    await sleep(500)
  }
  return before
}

async function underWay(database: Pick<Superuser, "connected">): Promise<string> {
  return database.connected("postgres", async (ask) => {
    const [row] = await ask(`select
      (select count(*) from "order"."order" where state = 'PLACING')::int as placing,
      (select count(*) from gift.gift where state = 'OFFERED' and "expiresAt" < now() + interval '5 seconds')::int as expiring,
      (select count(*) from notification.message where state = 'QUEUED')::int as queued`)
    const counts = { ...row, events: (await undeliveredIn(ask)).filter(({ parked }) => !parked).length }
    const open = Object.entries(counts).filter(([, count]) => Number(count) > 0)
    return open.map(([what, count]) => `${count} ${what}`).join(", ")
  })
}
