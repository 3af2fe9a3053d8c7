import { refusalOf } from "@hanok/contract"
import { couponContract } from "../modules/coupon/contract.ts"
import type { CouponRule } from "../modules/coupon/contract.ts"
import { seeder } from "./accounts.ts"
import type { SeedClient } from "./client.ts"

const always = { minimumOrderCents: 0, validUntil: "2099-12-31T23:59:59.000Z" }
const welcome: CouponRule = {
  ...always,
  code: "WELCOME10",
  name: "Ten percent for the first order",
  discount: { kind: "percentage", percent: 10, atMostCents: 5000 },
  perCustomer: 1,
}
const spring: CouponRule = {
  ...always,
  code: "SPRING5",
  name: "5.00 off",
  discount: { kind: "amount", amountCents: 500 },
  minimumOrderCents: 3000,
  perCustomer: 20,
}

/** Made last of all: where it is, everything is. */
const last = spring

export async function isSeeded(client: SeedClient): Promise<boolean> {
  const rules = await client(couponContract).couponRules({}, { identity: seeder })
  return rules.some(({ code }) => code === last.code)
}

/** Gives each customer a coupon to begin with. */
export async function seedCoupons(client: SeedClient, customerIds: readonly string[]): Promise<void> {
  await createRule(client, welcome)
  for (const customerId of customerIds) await issue(client, customerId)
  await createRule(client, last)
}

async function createRule(client: SeedClient, rule: CouponRule): Promise<void> {
  try {
    await client(couponContract).createCouponRule(rule, { identity: seeder, idempotencyKey: `seed/rule/${rule.code}` })
  } catch (error) {
    if (!refusalOf(couponContract, "createCouponRule", error)) throw error
  }
}

async function issue(client: SeedClient, customerId: string): Promise<void> {
  try {
    const call = { identity: seeder, idempotencyKey: `seed/coupon/${customerId}` }
    await client(couponContract).issueCoupon({ code: welcome.code, customerId }, call)
  } catch (error) {
    if (!refusalOf(couponContract, "issueCoupon", error)) throw error
  }
}
