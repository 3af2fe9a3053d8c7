import { randomUUID } from "node:crypto"
import { isRefusal } from "@hanok/contract"
import { afterAll, beforeAll, expect, test } from "vitest"
import { itemContract } from "../modules/item/contract.ts"
import { settlementContract } from "../modules/settlement/contract.ts"
import { createShopApi } from "./api.ts"
import { createCustomer } from "./customer.ts"
import { openShop } from "./open-shop.fixture.ts"
import type { OpenShop } from "./open-shop.fixture.ts"
import type { LoadOptions } from "./options.ts"
import { createRandom } from "./random.ts"
import { runLoad } from "./run.ts"
import { moodAt } from "./season.ts"

let shop: OpenShop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

function options(changes: Partial<LoadOptions> = {}): LoadOptions {
  return { url: shop.url, customers: 30, seconds: 2, season: "none", rate: 60, seed: 1, failures: 0.01, ...changes }
}

test("a shop with nothing on sale is told at the start", async () => {
  await expect(runLoad(options())).rejects.toThrow(/has nothing on sale/)
  await shop.furnish()
})

test("a shop that is not there is told at the start", async () => {
  await expect(runLoad(options({ url: "http://127.0.0.1:1" }))).rejects.toThrow(/ECONNREFUSED/)
})

test.each(["none", "gifts", "inventory", "sale"] as const)(
  "in the season %s customers look around and buy, and nothing fails",
  async (season) => {
    const report = await runLoad(options({ season }))
    expect(report).toMatchObject({ season, seed: 1, failures: 0 })
    expect(Object.keys(report.operations)).toEqual(expect.arrayContaining(["item.items", "inventory.stockOf", "order.placeOrder"]))
    expect(Object.values(report.operations).reduce((sum, { requests }) => sum + requests, 0)).toBe(report.requests)
    const errors = Object.keys(report.errors)
    expect(["PAYMENT_DECLINED", "COUPON_LIMIT_REACHED", "COUPON_MINIMUM_NOT_REACHED", "OUT_OF_STOCK"]).toEqual(
      expect.arrayContaining(errors),
    )
  },
)

test("in a closed loop each customer acts and thinks", async () => {
  const report = await runLoad(options({ customers: 8, rate: undefined }))
  expect(report).toMatchObject({ failures: 0, late: 0 })
  expect(report.requests).toBeGreaterThan(0)
})

test("two customers of one seed choose the same", async () => {
  const chosen = async () => {
    const operations: string[] = []
    const api = createShopApi({ url: shop.url, onExchange: ({ operation }) => void operations.push(operation) })
    const customer = createCustomer({ api, random: createRandom(5), name: `same-${randomUUID()}` })
    for (let turn = 0; turn < 40; turn++) await customer.act(moodAt("none", 0))
    await api.close()
    return operations
  }
  expect(await chosen()).toEqual(await chosen())
})

test("what was paid for reaches the old settlement core, started by the shop itself", async () => {
  const api = createShopApi({ url: shop.url })
  const token = await shop.tokenFor("root", "admin")
  const [item] = (await api.call(itemContract, "items", {})).items
  const month = new Date().toISOString().slice(0, 7)
  const settled = () => api.call(settlementContract, "settlementOfPartner", { partnerId: item?.partnerId ?? "", month }, { token })
  await expect.poll(async () => (await settled()).salesCount, { timeout: 20_000 }).toBeGreaterThan(0)
  await api.close()
})

test("the API rejects as a port of a module does", async () => {
  const api = createShopApi({ url: shop.url })
  const error = await api.call(itemContract, "itemById", { itemId: "none" }).catch((caught: unknown) => caught)
  expect(isRefusal(error) && [error.contract, error.operation, error.code]).toEqual(["item", "itemById", "ITEM_NOT_FOUND"])
  await api.close()
})
