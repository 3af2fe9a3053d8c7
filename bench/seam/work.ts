import { z } from "zod"

export const Item = z.object({ sku: z.string(), qty: z.int(), price: z.int() })
export const OrderInput = z.object({ orderId: z.string(), customerId: z.string(), items: z.array(Item) })
export const Order = z.object({
  orderId: z.string(),
  customerId: z.string(),
  state: z.enum(["INIT", "PAID"]),
  items: z.array(Item),
  currency: z.string(),
  subtotal: z.int(),
  discount: z.int(),
  total: z.int(),
  placedAt: z.string(),
  giftWrap: z.boolean(),
  couponId: z.string().nullable(),
  note: z.string(),
})

export type OrderInput = z.infer<typeof OrderInput>
export type Order = z.infer<typeof Order>

/** The same input for all. */
export const input: OrderInput = {
  orderId: "order-4b9f7a3e-3a52-4c08",
  customerId: "customer-9d3c-6a6c0f3c3a11",
  items: [
    { sku: "mug-blue", qty: 1, price: 12_000 },
    { sku: "tea-green-100g", qty: 2, price: 9_500 },
    { sku: "spoon-brass", qty: 4, price: 3_000 },
  ],
}

/** The same work for all: hardly any. About 420 bytes of JSON come out. */
export function orderOf({ orderId, customerId, items }: OrderInput): Order {
  const copied = items.map(({ sku, qty, price }) => ({ sku, qty, price }))
  const subtotal = copied.reduce((sum, { qty, price }) => sum + qty * price, 0)
  return {
    orderId,
    customerId,
    state: "INIT",
    items: copied,
    currency: "KRW",
    subtotal,
    discount: 1_000,
    total: subtotal - 1_000,
    placedAt: "2026-11-23T09:30:00.000Z",
    giftWrap: true,
    couponId: null,
    note: "leave it with the neighbour on the ground floor, please",
  }
}

/** The same as an async function: the unit of calls within a process. */
export async function placeOrder(input: OrderInput): Promise<Order> {
  return orderOf(input)
}

/** Throws when an answer is not the order that was asked for: a contender that is fast because it does nothing is none. */
export function assertOrder(order: unknown): void {
  const expected = 12_000 + 19_000 + 12_000 - 1_000
  const { total, items } = order as Order // looked at before it is believed
  if (total !== expected || items.length !== 3 || items[2]?.sku !== "spoon-brass")
    throw new Error(`not the order: ${JSON.stringify(order)}`)
}
