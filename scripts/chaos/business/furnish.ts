import { randomUUID } from "node:crypto"
import { admin } from "./desk.ts"
import type { Desk } from "./desk.ts"

/** Something on sale, as it was put there. */
export interface Ware {
  readonly itemId: string
  readonly sku: string
  readonly partnerId: string
  readonly priceCents: number
  /** Few pieces, for which many ask. */
  readonly scarce: boolean
}

export interface Customer {
  readonly customerId: string
  readonly addressId: string
}

export interface Seller extends Customer {
  readonly partnerId: string
}

/** What the shop is furnished with before anybody comes. */
export interface Furnished {
  readonly wares: readonly Ware[]
  readonly customers: readonly Customer[]
  readonly sellers: readonly Seller[]
  readonly couponRules: readonly CouponRule[]
}

/** What a coupon takes off: cents, or a part of the total, up to so many cents. */
export type Discount =
  | { readonly kind: "amount"; readonly amountCents: number }
  | { readonly kind: "percentage"; readonly percent: number; readonly atMostCents: number }

interface CouponRule {
  readonly code: string
  readonly discount: Discount
}

/** A request that has to succeed, since nothing is broken yet. */
export type Post = (path: string, body: unknown, subject?: string) => Promise<Readonly<Record<string, unknown>>>

export interface FurnishOptions {
  readonly post: Post
  readonly desk: Desk
  readonly customers: number
  readonly sellers: number
}

const waresEach = 4
const scarceEach = 1
const plenty = 1_000_000
const few = 40

/** Sellers with their wares, customers with an address each, codes for coupons. */
export async function furnish({ post, desk, customers, sellers: sellersWanted }: FurnishOptions): Promise<Furnished> {
  const sellers = await severally(sellersWanted, () => openSeller(post))
  const wares = (await Promise.all(sellers.map((seller) => putOnSale(post, desk, seller)))).flat()
  const opened = await severally(customers, () => openCustomer(post))
  return { sellers, wares, customers: opened, couponRules: await createRules(post) }
}

// A few at once, since each password takes a while to be hashed.
async function severally<T>(count: number, open: () => Promise<T>): Promise<readonly T[]> {
  const opened: T[] = []
  while (opened.length < count) opened.push(...(await Promise.all(Array.from({ length: Math.min(4, count - opened.length) }, open))))
  return opened
}

/** Where a customer lives, nobody else. */
export function homeOf(customerId: string) {
  return { recipient: "Kim Mina", phone: "010-1234-5678", postalCode: "04524", street: `Home of ${customerId}`, detail: "5F" }
}

/** Where the friend lives for whom an order is a gift. */
export function friendsHomeOf(orderId: string) {
  return { recipient: "Lee Joon", phone: "010-9876-5432", postalCode: "03001", street: `Friend of ${orderId}`, detail: "Yard" }
}

async function openCustomer(post: Post): Promise<Customer> {
  const account = { email: `${randomUUID()}@chaos.example`, password: "a long enough one", name: "Kim Mina" }
  const customerId = String((await post("/customers", account))["customerId"])
  return { customerId, addressId: String((await post("/me/addresses", homeOf(customerId), customerId))["addressId"]) }
}

async function openSeller(post: Post): Promise<Seller> {
  const customer = await openCustomer(post)
  const partner = await post("/partners", { name: "Icheon Celadon", businessNumber: "101-20-30401" }, customer.customerId)
  const partnerId = String(partner["partnerId"])
  await post(`/partners/${partnerId}/enable`, {}, admin)
  return { ...customer, partnerId }
}

async function putOnSale(post: Post, desk: Desk, { customerId, partnerId }: Seller): Promise<readonly Ware[]> {
  const wares: Ware[] = []
  for (let number = 0; number < waresEach; number++) {
    const priceCents = 1_000 + number * 777
    const item = await post("/items", { name: `Ware ${number}`, basePriceCents: priceCents }, customerId)
    const itemId = String(item["itemId"])
    // An item without options has one variant.
    const sku = (item["variants"] as readonly { readonly sku: string }[])[0]?.sku ?? ""
    const ware = { itemId, sku, partnerId, priceCents, scarce: number < scarceEach }
    await receive(desk, ware, customerId, ware.scarce ? few : plenty)
    await post(`/items/${itemId}/start-sale`, {}, customerId)
    wares.push(ware)
  }
  return wares
}

/** Brings more pieces into the shop. */
export async function receive(desk: Desk, { sku }: Ware, sellerId: string, quantity: number): Promise<void> {
  await desk.command({ kind: "receiveStock", subject: sellerId, path: `/stock/${sku}/receipts`, body: { quantity }, about: sku })
}

async function createRules(post: Post): Promise<readonly CouponRule[]> {
  const validUntil = "2099-01-01T00:00:00.000Z"
  const name = randomUUID().slice(0, 8).toUpperCase()
  const rules: readonly (CouponRule & { readonly name: string; readonly minimumOrderCents: number })[] = [
    { code: `TEN-${name}`, name: "Ten percent", discount: { kind: "percentage", percent: 10, atMostCents: 500 }, minimumOrderCents: 0 },
    { code: `OFF-${name}`, name: "Three off", discount: { kind: "amount", amountCents: 300 }, minimumOrderCents: 2_000 },
  ]
  for (const rule of rules) await post("/coupon-rules", { ...rule, validUntil, perCustomer: 100 }, admin)
  return rules
}
