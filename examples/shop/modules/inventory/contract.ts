import { command, defineContract, query, refusal } from "@hanok/contract"
import { z } from "zod"
import { Id, Sku } from "../../kernel/id.ts"

const Pieces = z.int().min(0)
const notFound = { SKU_NOT_FOUND: refusal(z.object({}), { status: 404 }) }

/** Where the pieces of a stock-keeping unit are. Together they are all that were ever received. */
export const StockLevel = z
  .object({
    sku: Sku,
    available: Pieces,
    /** Held for orders that are not paid yet. */
    reserved: Pieces,
    /** Paid for. */
    committed: Pieces,
  })
  .meta({ title: "StockLevel" })
export type StockLevel = z.infer<typeof StockLevel>

export const inventoryContract = defineContract("inventory", {
  receiveStock: command({
    summary: "Adds pieces of one of the caller's own stock-keeping units; an admin may add to any.",
    input: z.object({ sku: Sku, quantity: z.int().min(1).max(1_000_000) }),
    output: StockLevel,
    refusals: notFound,
    http: "POST /stock/{sku}/receipts",
    access: { anyOf: ["partner", "admin"] },
  }),
  stockLevel: query({
    summary: "Where the pieces of one of the caller's own stock-keeping units are; an admin may see any.",
    input: z.object({ sku: Sku }),
    output: StockLevel,
    refusals: notFound,
    http: "GET /stock/{sku}",
    access: { anyOf: ["partner", "admin"] },
  }),
  stockOf: query({
    summary: "How many pieces can be bought of each, in the order asked; none of what is unknown.",
    input: z.object({ skus: z.array(Sku).min(1).max(200) }),
    output: z.array(z.object({ sku: Sku, available: Pieces })),
    http: "GET /stock",
    access: "public",
    priority: "low",
  }),
  /** Safe to repeat. All lines are reserved, or none. It lasts until the order is paid or cancelled. */
  reserve: command({
    summary: "Holds pieces for an order, for other modules.",
    input: z.object({
      orderId: Id,
      lines: z
        .array(z.object({ sku: Sku, quantity: z.int().min(1) }))
        .min(1)
        .max(20),
    }),
    output: z.object({}),
    refusals: { OUT_OF_STOCK: z.object({ sku: Sku, available: Pieces }), ORDER_CANCELLED: z.object({}) },
    priority: "high",
  }),
})
