import { z } from "zod"

/** What the measured service does: two calls inside of it, one to another process. */
export const Request = z.object({ orderId: z.string(), sku: z.string(), qty: z.int() })
export const Price = z.object({ sku: z.string(), price: z.int() })
export const Discount = z.object({ price: z.int() })
export const Stock = z.object({ sku: z.string(), available: z.int() })
export const Answer = z.object({ orderId: z.string(), total: z.int(), available: z.int() })
export type Request = z.infer<typeof Request>
export type Answer = z.infer<typeof Answer>

export async function priceOf({ sku }: { readonly sku: string }) {
  return { sku, price: 12_000 }
}

export async function discounted({ price }: { readonly price: number }) {
  return { price: price - 500 }
}

export async function stockOf({ sku }: { readonly sku: string }) {
  return { sku, available: 7 }
}
