import { randomUUID } from "node:crypto"
import type { CallInput } from "@hanok/contract"
import type { Stage } from "@hanok/testkit"
import { couponContract } from "../modules/coupon/contract.ts"
import type { CouponRule } from "../modules/coupon/contract.ts"
import { customerContract } from "../modules/customer/contract.ts"
import { inventoryContract } from "../modules/inventory/contract.ts"
import { itemContract } from "../modules/item/contract.ts"
import type { orderContract } from "../modules/order/contract.ts"
import { partnerContract } from "../modules/partner/contract.ts"

export const admin = { identity: { subject: "root", roles: ["admin"] } }
export const home = { recipient: "Kim Mina", phone: "010-1234-5678", postalCode: "04524", street: "Sejong-daero 110", detail: "5F" }

/** What people do business with: a stage of the testkit, or the shop behind its gateway. */
export type Shop = Pick<Stage, "client">

/** How a person calls. */
export interface As {
  readonly identity: { readonly subject: string; readonly roles: readonly string[] }
}

export interface Buyer {
  readonly as: As
  readonly customerId: string
  readonly addressId: string
}

/** A customer who has just registered, with an address. */
export async function newBuyer(stage: Shop): Promise<Buyer> {
  const customers = stage.client(customerContract)
  const email = `${randomUUID()}@shop.example`
  const { customerId } = await customers.registerCustomer({ email, password: "a long enough one", name: "Kim Mina" })
  const as = { identity: { subject: customerId, roles: ["customer"] } }
  const { addressId } = await customers.addAddress(home, as)
  return { as, customerId, addressId }
}

/** Somebody who acts for a partner that is enabled. */
export async function newSeller(stage: Shop): Promise<As & { readonly partnerId: string }> {
  const { customerId } = await newBuyer(stage)
  const as = { identity: { subject: customerId, roles: ["customer", "partner"] } }
  const partners = stage.client(partnerContract)
  const { partnerId } = await partners.registerPartner({ name: "Icheon Celadon", businessNumber: "101-20-30401" }, as)
  await partners.enablePartner({ partnerId }, admin)
  return { ...as, partnerId }
}

type NewItem = Partial<CallInput<(typeof itemContract)["declarations"]["createItem"]>>

/** An item on sale, with that many pieces of each variant. */
export async function newItem(stage: Shop, seller: As, pieces: number, wanted: NewItem = {}) {
  const { itemId, variants } = await stage.client(itemContract).createItem({ name: "Celadon cup", basePriceCents: 2000, ...wanted }, seller)
  for (const { sku } of variants) await stage.client(inventoryContract).receiveStock({ sku, quantity: pieces }, seller)
  return stage.client(itemContract).startSale({ itemId }, seller)
}

/** A coupon of the buyer's, of a rule made for it. */
export async function newCoupon(stage: Shop, { as }: Buyer, wanted: Partial<CouponRule> = {}): Promise<string> {
  const code = `T-${randomUUID().slice(0, 20).toUpperCase()}`
  const discount = { kind: "percentage", percent: 10, atMostCents: 100_000 } as const
  const rule = { code, name: "Ten percent", discount, minimumOrderCents: 0, validUntil: "2099-01-01T00:00:00.000Z", perCustomer: 5 }
  await stage.client(couponContract).createCouponRule({ ...rule, ...wanted }, admin)
  return (await stage.client(couponContract).collectCoupon({ code }, as)).couponId
}

type NewOrder = CallInput<(typeof orderContract)["declarations"]["placeOrder"]>

/** An order of one piece for the buyer's address. */
export function orderOf(buyer: Buyer, itemId: string, rest: Partial<NewOrder> = {}): NewOrder {
  return { lines: [{ itemId, quantity: 1 }], addressId: buyer.addressId, ...rest }
}
