import { seamMatrix } from "@hanok/testkit"
import type { Stage } from "@hanok/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { couponContract } from "./modules/coupon/contract.ts"
import { customerContract } from "./modules/customer/contract.ts"
import { inventoryContract } from "./modules/inventory/contract.ts"
import { itemContract } from "./modules/item/contract.ts"
import { seed } from "./seed.ts"

const inline = seamMatrix({ topology: new URL("./topologies/memory.ts", import.meta.url) }).find(({ name }) => name === "inline")
let stage: Stage

beforeAll(async () => {
  if (inline) stage = await inline.open()
  await seed(stage)
})
afterAll(() => stage.close())

const catalogue = async () => {
  const first = await stage.client(itemContract).items({ limit: 100 })
  return first.items
}

test("the shop has sixty items on sale, and all that can be chosen is in stock", async () => {
  const items = await catalogue()
  expect(items.length).toBe(60)
  const { variants } = await stage.client(itemContract).itemById({ itemId: items[0]?.itemId ?? "" })
  const stock = await stage.client(inventoryContract).stockOf({ skus: variants.map(({ sku }) => sku) })
  expect(stock.every(({ available }) => available > 0)).toBe(true)
})

test("everybody can sign in, with the role that is theirs", async () => {
  for (const { email, password, role } of await seed(stage)) {
    await stage.until(async () => (await stage.client(customerContract).signIn({ email, password })).roles.includes(role), { what: email })
  }
})

test("a customer has a coupon to begin with", async () => {
  const { customerId } = await stage.client(customerContract).signIn({ email: "mina@shop.example", password: "mina-of-the-hanok" })
  const coupons = await stage.client(couponContract).couponsOfCustomer({}, { identity: { subject: customerId, roles: ["customer"] } })
  expect(coupons.map(({ code }) => code)).toEqual(["WELCOME10"])
})

test("seeding again changes nothing", async () => {
  const before = await catalogue()
  await seed(stage)
  expect(await catalogue()).toEqual(before)
})
