import { setTimeout as sleep } from "node:timers/promises"
import type { Desk } from "../business/desk.ts"
import { admin } from "../business/desk.ts"
import type { Furnished } from "../business/furnish.ts"
import type { Ask, Row, Superuser } from "../shop/superuser.ts"
import type { Facts, Level, OrderFact } from "./facts.ts"

/** Reads everything: once everything has come to rest. What still changes between the first look and the last is read again. Rejects when the shop does not answer. */
export async function gather(database: Superuser, desk: Desk, furnished: Furnished): Promise<Facts> {
  const until = performance.now() + restlessMs
  for (let kept = await readKept(database); ;) {
    const facts = { ...kept, sales: await readSales(database), shown: await readShown(desk, furnished) }
    const later = await readKept(database)
    if (isSame(kept, later) || performance.now() > until) return facts
    kept = later
    await sleep(1_000)
  }
}

/** A payment whose outcome is asked for, or a gift that expires, may set the shop in motion once more. */
const restlessMs = 60_000

function readKept(database: Superuser): Promise<Kept> {
  return database.connected("postgres", async (ask) => {
    await ask("begin transaction isolation level repeatable read read only")
    return readShop(ask)
  })
}

// Rows come in no order.
function isSame(some: Kept, others: Kept): boolean {
  const text = (kept: Kept) =>
    JSON.stringify(Object.values(kept).map((rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted()))
  return text(some) === text(others)
}

/** The modules that have events to deliver. */
const modulesWithEvents = ["partner", "order", "gift", "delivery"] as const

type Kept = Omit<Facts, "sales" | "shown">

async function readShop(ask: Ask): Promise<Kept> {
  const order = `select "orderId", "customerId", state, lines, "discountCents", "totalCents", "couponId", "giftTo" is not null as "isGift",
    "paidAt" is not null as "wasPaid", "cancelReason", "claimedAt" is not null as "wasClaimed" from "order"."order"`
  const charge = `select substring(reference from '^(.*)\\.[0-9]+$') as "orderId", state, "amountCents" from "payment-provider".entry`
  // The columns are those that the modules' migrations make; sums are far below what a number holds.
  const rows = async <T>(text: string) => (await ask(text)).map(numbered) as unknown as readonly T[]
  return {
    orders: await rows<OrderFact>(order),
    payments: await rows(`select "orderId", state, "amountCents" from payment.payment`),
    charges: await rows(charge),
    levels: await rows(`select sku, available, reserved, committed from inventory.level`),
    coupons: await rows(`select "couponId", "customerId", "orderId" from coupon.coupon`),
    gifts: await rows(`select "giftId", "orderId", state from gift.gift`),
    shipments: await rows(`select "shipmentId", "orderId", state, address->>'street' as street from delivery.shipment`),
    occasions: (await ask(`select occasion from notification.message`)).map((row) => String(row["occasion"])),
    undelivered: await undeliveredIn(ask),
  }
}

/** What the modules' outboxes still have. */
export async function undeliveredIn(ask: Ask): Promise<Facts["undelivered"]> {
  const each = modulesWithEvents.map(
    (module) =>
      `select '${module}' as module, subscriber, parked_at is not null as parked, coalesce(error, '') as error from "${module}".hanok_outbox`,
  )
  const rows = await ask(each.join(" union all "))
  return rows.map((row) => ({
    module: String(row["module"]),
    subscriber: String(row["subscriber"]),
    parked: row["parked"] === true,
    error: String(row["error"]),
  }))
}

// bigint comes as text.
function numbered(row: Row): Row {
  const isNumber = ([name, value]: [string, unknown]) => typeof value === "string" && /Cents$|^(?:available|reserved|committed)$/.test(name)
  return Object.fromEntries(Object.entries(row).map((entry) => (isNumber(entry) ? [entry[0], Number(entry[1])] : entry)))
}

async function readSales(database: Superuser): Promise<Facts["sales"]> {
  const isThere = await database.connected("postgres", (ask) => ask("select 1 from pg_database where datname = 'legacy_settlement'"))
  if (isThere.length === 0) return []
  const text = `select "ordNo", "Partner_ID", "STAT", round(sum(qty * unit_amt) * 100) as cents
    from "TB_SALE" join "TB_SALE_DTL" on "SALE_SEQ" = "saleSeq" group by "saleSeq", "ordNo", "Partner_ID", "STAT"`
  const rows = await database.connected("legacy_settlement", (ask) => ask(text))
  return rows.map((row) => ({
    orderId: String(row["ordNo"]),
    partnerId: String(row["Partner_ID"]),
    cancelled: row["STAT"] === 90,
    cents: Number(row["cents"]),
  }))
}

async function readShown(desk: Desk, { customers, sellers, wares }: Furnished): Promise<Facts["shown"]> {
  const get = async <T>(operation: string, path: string, subject: string): Promise<T> => {
    for (let tries = 1; ; tries++) {
      const { status, body, code } = await desk.query(operation, path, subject, patienceMs)
      if (status === 200) return body as T
      if (tries === triesOfGet) throw new Error(`${path} is answered with ${status} ${code}, although nothing is broken any more.`)
      await sleep(pauseMs)
    }
  }
  const levels: Level[] = []
  for (const { sku } of wares) levels.push(await get<Level>("stockLevel", `/stock/${sku}`, admin))
  const orders: Facts["shown"]["orders"][number][] = []
  for (const { customerId } of customers) orders.push(...(await ordersOf(get, customerId)))
  // One after the other: the old core takes the longer over a partner the more it has sold, and longest over several at once.
  const settlements: Facts["shown"]["settlements"][number][] = []
  for (const { partnerId } of sellers) settlements.push(await settlementOf(get, partnerId))
  return { orders, levels, settlements }
}

const triesOfGet = 5
const pauseMs = 1_000
const patienceMs = 20_000
type Get = <T>(operation: string, path: string, subject: string) => Promise<T>

async function settlementOf(get: Get, partnerId: string): Promise<Facts["shown"]["settlements"][number]> {
  // A run may go over the end of a month, in which nothing was sold before it.
  const now = new Date()
  const months = [now, new Date(now.getTime() - 24 * 3600_000)].map((time) => time.toISOString().slice(0, 7))
  const parts: Facts["shown"]["settlements"][number][] = []
  for (const month of new Set(months)) parts.push(await get("settlementOfPartner", `/partners/${partnerId}/settlements/${month}`, admin))
  const sum = (field: "salesCount" | "grossCents") => parts.reduce((total, part) => total + part[field], 0)
  return { partnerId, salesCount: sum("salesCount"), grossCents: sum("grossCents") }
}

interface OrderPage {
  readonly orders: readonly { readonly orderId: string; readonly state: string; readonly totalCents: number }[]
  readonly nextCursor: string | null
}

async function ordersOf(get: Get, customerId: string): Promise<Facts["shown"]["orders"]> {
  const orders: Facts["shown"]["orders"][number][] = []
  for (let cursor: string | null = ""; cursor !== null;) {
    const more: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`
    const page: OrderPage = await get("ordersOfCustomer", `/orders?limit=100${more}`, customerId)
    for (const { orderId, state, totalCents } of page.orders) orders.push({ orderId, customerId, state, totalCents })
    cursor = page.nextCursor
  }
  return orders
}
