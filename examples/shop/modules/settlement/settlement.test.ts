import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isFault, refusalOf } from "@hanok/contract"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import type { EmbeddedPostgres } from "@hanok/postgres/embedded"
import { createSlice, fake } from "@hanok/testkit"
import type { Slice } from "@hanok/testkit"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { orderContract } from "../order/contract.ts"
import { partnerContract } from "../partner/contract.ts"
import { settlementContract } from "./contract.ts"
import { startLegacy } from "./core/start-legacy.ts"
import type { RunningLegacy } from "./core/start-legacy.ts"
import { settlementModule } from "./module.ts"

const admin = { subject: "root", roles: ["admin"] }
const month = "2026-11"

let folder: string
let server: EmbeddedPostgres
let core: RunningLegacy
const open: Slice[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hanok-settlement-"))
  server = await createEmbeddedPostgres({ folder: join(folder, "data"), durability: "off" })
  core = await startLegacy({ databaseUrl: server.url })
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((slice) => slice.close()))
})
afterAll(async () => {
  await core.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const partners = () =>
  fake(partnerContract, {
    partnerById: ({ partnerId }, context) => {
      if (partnerId === "nobody") throw context.refusal("PARTNER_NOT_FOUND", {})
      return { partnerId, name: "Seoul Ceramics", state: "ENABLED" as const }
    },
    partnerOfOwner: ({ ownerId }, context) => {
      if (!ownerId.startsWith("owner-of-")) throw context.refusal("PARTNER_NOT_FOUND", {})
      const partnerId = ownerId.slice("owner-of-".length)
      return { partnerId, ownerId, name: "Seoul Ceramics", businessNumber: "123-45-67890", state: "ENABLED" as const }
    },
  })

async function slice(env: Readonly<Record<string, string | undefined>> = { LEGACY_SETTLEMENT_URL: core.url }): Promise<Slice> {
  const opened = await createSlice(settlementModule, { fakes: [partners()], env: { DATABASE_URL: undefined, ...env } })
  open.push(opened)
  return opened
}

const sale = (orderId: string, partnerId: string, priceCents = 1_000, soldAt = "2026-11-23T10:00:00.000Z") => ({
  orderId,
  partnerId,
  soldAt,
  lines: [{ itemId: "cup", quantity: 2, priceCents }],
})

test("a recorded sale is in its month's settlement, less the commission", async () => {
  const settlements = (await slice()).client(settlementContract)
  expect(await settlements.recordSale(sale("o1", "p1"), { identity: admin })).toEqual({ recorded: true })
  expect(await settlements.settlementOfPartner({ partnerId: "p1", month }, { identity: admin })).toEqual({
    partnerId: "p1",
    month,
    salesCount: 1,
    grossCents: 2_000,
    commissionCents: 240,
    netCents: 1_760,
  })
  expect(await settlements.settlementOfPartner({ partnerId: "p1", month: "2026-12" }, { identity: admin })).toMatchObject({ salesCount: 0 })
})

test("a sale is recorded once for its order and partner, also when it is said many times at once", async () => {
  const settlements = (await slice()).client(settlementContract)
  const answers = await Promise.all([1, 2, 3, 4].map(() => settlements.recordSale(sale("o2", "p2"), { identity: admin })))
  expect(answers.filter(({ recorded }) => recorded)).toHaveLength(1)
  await settlements.recordSale(sale("o2", "p2-other"), { identity: admin })
  expect(await settlements.settlementOfPartner({ partnerId: "p2", month }, { identity: admin })).toMatchObject({ salesCount: 1 })
})

test("sums of many sales stay exact to the cent", async () => {
  const settlements = (await slice()).client(settlementContract)
  const prices = [1, 5, 99, 333, 1_005, 2_999, 10_001, 99_999_999]
  await Promise.all(prices.map((price, index) => settlements.recordSale(sale(`o3-${index}`, "p3", price), { identity: admin })))
  const { grossCents, commissionCents, netCents } = await settlements.settlementOfPartner({ partnerId: "p3", month }, { identity: admin })
  expect(grossCents).toBe(2 * prices.reduce((sum, price) => sum + price))
  expect(netCents).toBe(grossCents - commissionCents)
})

test.each([
  ["more pieces than the core can count", [{ itemId: "cup", quantity: 2 ** 31, priceCents: 1 }], "/lines/0/quantity"],
  ["a price beyond what the core can keep", [{ itemId: "cup", quantity: 1, priceCents: 10 ** 14 }], "/lines/0/priceCents"],
])("a sale of %s is refused with its field, and is no fault of the shop's", async (_what, lines, field) => {
  const settlements = (await slice()).client(settlementContract)
  const error = await settlements.recordSale({ ...sale("o11", "p11"), lines }, { identity: admin }).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: "INVALID_INPUT", issues: [{ field }] })
})

test("the largest sale that can be recorded is settled to the cent", async () => {
  const settlements = (await slice()).client(settlementContract)
  const lines = Array.from({ length: 100 }, () => ({ itemId: "cup", quantity: 99, priceCents: 1_000_000_000 }))
  expect(await settlements.recordSale({ ...sale("o12", "p12"), lines }, { identity: admin })).toEqual({ recorded: true })
  const { grossCents } = await settlements.settlementOfPartner({ partnerId: "p12", month }, { identity: admin })
  expect(grossCents).toBe(100 * 99 * 1_000_000_000)
})

const line = (partnerId: string, sku: string, unitPriceCents: number, quantity = 1) => ({
  itemId: "cup",
  sku,
  partnerId,
  sellerId: `owner-of-${partnerId}`,
  name: "Cup",
  label: "",
  quantity,
  unitPriceCents,
})
const paid = (orderId: string, lines: readonly ReturnType<typeof line>[]) => ({
  orderId,
  customerId: "c1",
  lines: [...lines],
  totalCents: 1,
  address: null,
  giftTo: null,
  paidAt: "2026-11-30T23:59:59.999Z",
})
const cancelled = (orderId: string, stateBefore: "INIT" | "PAID") => ({
  orderId,
  customerId: "c1",
  reason: "CUSTOMER" as const,
  stateBefore,
  totalCents: 1,
})

test("a paid order is a sale of each of its partners, once, however often the event comes", async () => {
  const here = await slice()
  const order = paid("o5", [line("p5", "cup.red", 300, 2), line("p6", "bowl", 500), line("p5", "cup.blue", 400)])
  for (const id of ["e1", "e1", "e2"]) await here.tell(orderContract, "orderPaid", order, { id })
  const settlements = here.client(settlementContract)
  const sums = { salesCount: 1, grossCents: 1_000, commissionCents: 120, netCents: 880 }
  expect(await settlements.settlementOfPartner({ partnerId: "p5", month }, { identity: admin })).toMatchObject(sums)
  expect(await settlements.settlementOfPartner({ partnerId: "p6", month }, { identity: admin })).toMatchObject({ grossCents: 500 })
})

test("an order that is cancelled after it was paid counts no more; one that was never paid is nothing to the core", async () => {
  const here = await slice()
  await here.tell(orderContract, "orderPaid", paid("o7", [line("p7", "cup", 300)]))
  await here.tell(orderContract, "orderPaid", paid("o8", [line("p7", "cup", 200)]))
  for (const id of ["e1", "e2"]) await here.tell(orderContract, "orderCancelled", cancelled("o7", "PAID"), { id })
  await here.tell(orderContract, "orderCancelled", cancelled("never", "INIT"))
  const settlements = here.client(settlementContract)
  const sums = { salesCount: 1, grossCents: 200, commissionCents: 24, netCents: 176 }
  expect(await settlements.settlementOfPartner({ partnerId: "p7", month }, { identity: admin })).toMatchObject(sums)
})

test("a cancelled order of which no sale was recorded yet is not settled with, but told of until it was", async () => {
  const here = await slice()
  const cancelling = () => here.tell(orderContract, "orderCancelled", cancelled("o10", "PAID"))
  await expect(cancelling()).rejects.toThrow("no sale of the order o10")
  await here.tell(orderContract, "orderPaid", paid("o10", [line("p10", "cup", 300)]))
  await cancelling()
  const settlements = here.client(settlementContract)
  expect(await settlements.settlementOfPartner({ partnerId: "p10", month }, { identity: admin })).toMatchObject({ salesCount: 0 })
})

test("while the core is away an event is to be tried again, not given up", async () => {
  const gone = await startLegacy({ databaseUrl: server.url })
  await gone.close()
  const here = await slice({ LEGACY_SETTLEMENT_URL: gone.url })
  const error = await here.tell(orderContract, "orderPaid", paid("o6", [line("p6", "cup", 1)])).catch((caught: unknown) => caught)
  expect(isFault(error, "UNAVAILABLE") && error.retryable).toBe(true)
})

test("a partner sees its own settlement and nobody else's", async () => {
  const settlements = (await slice()).client(settlementContract)
  const identity = { subject: "owner-of-p4", roles: ["customer", "partner"] }
  expect(await settlements.settlementOfPartner({ partnerId: "p4", month }, { identity })).toMatchObject({ salesCount: 0, netCents: 0 })
  const error = await settlements.settlementOfPartner({ partnerId: "p1", month }, { identity }).catch((caught: unknown) => caught)
  expect(refusalOf(settlementContract, "settlementOfPartner", error)?.code).toBe("PARTNER_NOT_FOUND")
})

test("a partner that nobody knows has no settlement", async () => {
  const settlements = (await slice()).client(settlementContract)
  const error = await settlements
    .settlementOfPartner({ partnerId: "nobody", month }, { identity: admin })
    .catch((caught: unknown) => caught)
  expect(refusalOf(settlementContract, "settlementOfPartner", error)?.code).toBe("PARTNER_NOT_FOUND")
})

test("where the core is away the module lives on, and its calls say so", async () => {
  const gone = await startLegacy({ databaseUrl: server.url })
  await gone.close()
  const settlements = (await slice({ LEGACY_SETTLEMENT_URL: gone.url })).client(settlementContract)
  const error = await settlements.settlementOfPartner({ partnerId: "p1", month }, { identity: admin }).catch((caught: unknown) => caught)
  expect(isFault(error, "UNAVAILABLE") && error.message).toContain(gone.url.replace("http://", ""))
})

test("in production the address of the core has to be given, and the message names the variable", async () => {
  const settlements = (await slice({ NODE_ENV: "production", DATABASE_URL: server.url })).client(settlementContract)
  const error = await settlements.settlementOfPartner({ partnerId: "p1", month }, { identity: admin }).catch((caught: unknown) => caught)
  expect(isFault(error, "UNAVAILABLE") && error.message).toContain("LEGACY_SETTLEMENT_URL is not set")
})

test("in development the core is started beside the module, and ends with it", async () => {
  const started = await slice({ DATABASE_URL: server.url })
  const settlements = started.client(settlementContract)
  // Calls start it, and go on finding it being started: their own time may be over before it is up.
  const look = () => settlements.settlementOfPartner({ partnerId: "p9", month }, { identity: admin })
  await Promise.all([1, 2].map(() => started.until(look, { withinMs: 40_000, what: "the core" })))
  const answers = [1, 2].map((number) => settlements.recordSale(sale(`o9-${number}`, "p9"), { identity: admin }))
  expect(await Promise.all(answers)).toEqual([{ recorded: true }, { recorded: true }])
  await started.close()
  const again = (await slice()).client(settlementContract)
  expect(await again.settlementOfPartner({ partnerId: "p9", month }, { identity: admin })).toMatchObject({ salesCount: 2 })
})
