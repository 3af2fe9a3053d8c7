import { setTimeout as sleep } from "node:timers/promises"
import { undeliveredIn } from "../check/gather.ts"
import type { Superuser } from "../shop/superuser.ts"
import type { Desk } from "./desk.ts"

const atOnce = 16
const resolveMs = 90_000
const restMs = 90_000

/** Asks again, under the same keys, for everything of which nobody knows what became of it. Resolves to what still nobody knows. */
export async function resolveUnknown({ books, repeat }: Desk, onProgress: (left: number) => void): Promise<number> {
  const until = performance.now() + resolveMs
  for (let left = books.unknown(); left.length > 0 && performance.now() < until; left = books.unknown()) {
    onProgress(left.length)
    const rest = [...left]
    const work = async () => {
      for (let entry = rest.shift(); entry && performance.now() < until; entry = rest.shift()) await repeat(entry)
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    if (books.unknown().length > 0) await sleep(500)
  }
  return books.unknown().length
}

/** Waits until nothing is under way any more: no event to be delivered, no order being placed. Not for ever. */
export async function waitForRest(database: Superuser, onProgress: (waiting: string) => void): Promise<void> {
  const until = performance.now() + restMs
  for (let calm = 0; calm < 3 && performance.now() < until;) {
    const waiting = await underWay(database).catch((error: unknown) => String(error))
    calm = waiting === "" ? calm + 1 : 0
    if (waiting !== "") onProgress(waiting)
    await sleep(500)
  }
}

async function underWay(database: Superuser): Promise<string> {
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
