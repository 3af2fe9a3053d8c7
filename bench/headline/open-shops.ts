import { randomBytes } from "node:crypto"
import type { Account } from "../../examples/shop/load/shopping/account.ts"
import { answersOf, differenceOf } from "./conformance.ts"
import { contenderNames, startContender } from "./contenders.ts"
import type { Contender, ContenderName } from "./contenders.ts"
import { furnish } from "./furnish.ts"
import type { Database } from "./machine/database.ts"
import type { SpanSink } from "./machine/span-sink.ts"
import { accountCount } from "./plan.ts"
import type { Stores } from "./shop-modules.ts"

/** A contender whose shelves are full, with accounts for the load's customers. */
export interface Shop {
  readonly contender: Contender
  readonly accounts: readonly Account[]
}

export interface Surroundings {
  readonly sink: SpanSink
  readonly database: Database
}

/** Opens the three shops and makes sure that they answer alike and that each of them exports spans. They run until `close`. */
export async function openShops(stores: Stores, { sink, database }: Surroundings) {
  const secret = randomBytes(32).toString("hex")
  const contenders: Contender[] = []
  const close = async () => void (await Promise.all(contenders.map((contender) => contender.stop())))
  const open = async (name: ContenderName): Promise<Shop> => {
    const databaseUrl = stores === "memory" ? undefined : await database.create(`headline-${name}`)
    const contender = await startContender(name, { stores, secret, otlpUrl: sink.urlFor(`${stores}-${name}`), databaseUrl })
    contenders.push(contender)
    return { contender, accounts: await furnish(contender.url, secret, accountCount + 1) }
  }
  try {
    const shops: Shop[] = []
    for (const name of contenderNames) shops.push(await open(name))
    await checkConformance(shops)
    await checkSpans(stores, sink)
    return { shops, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function checkConformance(shops: readonly Shop[]): Promise<void> {
  const asked = shops.map(async ({ contender: { name, url }, accounts }) => {
    const account = accounts.at(-1)
    if (!account) throw new Error("There is no account to shop with.")
    return { name, answers: await answersOf(url, account) }
  })
  const [first, ...others] = await Promise.all(asked)
  for (const { name, answers } of others) {
    const difference = differenceOf(first?.answers ?? {}, answers)
    if (difference !== undefined) throw new Error(`${first?.name} and ${name} answer differently: ${difference}`)
  }
}

const exportPauseMs = 500
const longestExportMs = 15_000

// A contender that records nothing would have an easy time.
async function checkSpans(stores: Stores, sink: SpanSink): Promise<void> {
  const until = performance.now() + longestExportMs
  for (;;) {
    const bytes = await sink.bytes()
    const silent = contenderNames.filter((name) => bytes[`${stores}-${name}`] === undefined)
    if (silent.length === 0) return
    if (performance.now() > until) throw new Error(`No spans have come from ${silent.join(", ")}.`)
    await new Promise((resolve) => setTimeout(resolve, exportPauseMs))
  }
}
