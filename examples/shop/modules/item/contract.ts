import { command, defineContract, query, refusal } from "@hanok/contract"
import { z } from "zod"
import { Id, Sku } from "../../kernel/id.ts"
import { PriceCents } from "../../kernel/money.ts"
import { pageFields } from "../../kernel/page.ts"
import { paragraph, text } from "../../kernel/text.ts"

const Option = z.object({ optionId: Id, name: text(60), extraPriceCents: PriceCents })
const OptionGroup = z.object({ name: text(60), options: z.array(Option).min(1).max(20) })
const NewOptionGroup = z.object({
  name: text(60),
  options: z
    .array(Option.omit({ optionId: true }))
    .min(1)
    .max(20),
})
const State = z.enum(["DRAFT", "ON_SALE", "ENDED"])

/** What can be bought: the item with one option chosen from each group. */
export const Variant = z
  .object({ sku: Sku, optionIds: z.array(Id), label: z.string(), priceCents: z.int().min(0) })
  .meta({ title: "Variant" })
export type Variant = z.infer<typeof Variant>

export const Item = z
  .object({
    itemId: Id,
    partnerId: Id,
    name: text(100),
    description: paragraph(2000),
    basePriceCents: PriceCents,
    optionGroups: z.array(OptionGroup).max(3),
    state: State,
    createdAt: z.iso.datetime(),
    variants: z.array(Variant),
  })
  .meta({ title: "Item" })
export type Item = z.infer<typeof Item>

const ItemSummary = Item.pick({ itemId: true, partnerId: true, name: true, basePriceCents: true, state: true }).meta({
  title: "ItemSummary",
})
const ItemPage = z.object({ items: z.array(ItemSummary), nextCursor: z.string().nullable() })

/** An item and the options chosen from its groups, in the groups' order. */
const Selection = z.object({ itemId: Id, optionIds: z.array(Id).max(3).default([]) })

const PricedSelection = z.object({
  itemId: Id,
  sku: Sku,
  partnerId: Id,
  /** Who acts for the partner. */
  sellerId: Id,
  name: z.string(),
  label: z.string(),
  unitPriceCents: z.int().min(0),
})

const notFound = { ITEM_NOT_FOUND: refusal(z.object({}), { status: 404 }) }
const notEnabled = { PARTNER_NOT_ENABLED: refusal(z.object({}), { status: 403 }) }
const sellers = { anyOf: ["partner"] } as const

export const itemContract = defineContract("item", {
  createItem: command({
    summary: "Makes an item of the caller's partner. It is a draft until its sale starts.",
    input: z.object({
      name: text(100),
      description: paragraph(2000).default(""),
      basePriceCents: PriceCents,
      optionGroups: z.array(NewOptionGroup).max(3).default([]),
    }),
    output: Item,
    refusals: { ...notEnabled, TOO_MANY_VARIANTS: z.object({ variants: z.int(), most: z.int() }) },
    http: "POST /items",
    access: sellers,
  }),
  /** Safe to repeat. */
  startSale: command({
    summary: "Puts an item of the caller's partner on sale.",
    input: z.object({ itemId: Id }),
    output: Item,
    refusals: { ...notFound, ...notEnabled },
    http: "POST /items/{itemId}/start-sale",
    access: sellers,
  }),
  /** Safe to repeat. */
  endSale: command({
    summary: "Ends the sale of an item of the caller's partner.",
    input: z.object({ itemId: Id }),
    output: Item,
    refusals: notFound,
    http: "POST /items/{itemId}/end-sale",
    access: sellers,
  }),
  items: query({
    summary: "Items on sale, newest first; `text` stands anywhere in their names.",
    input: z.object({ text: text(100).optional(), partnerId: Id.optional(), ...pageFields }),
    output: ItemPage,
    http: "GET /items",
    access: "public",
    priority: "low",
  }),
  itemsOfSeller: query({
    summary: "All items of the caller's partner, newest first.",
    input: z.object(pageFields),
    output: ItemPage,
    http: "GET /me/items",
    access: sellers,
  }),
  itemById: query({
    summary: "An item with its options and what each choice costs.",
    input: z.object({ itemId: Id }),
    output: Item,
    refusals: notFound,
    http: "GET /items/{itemId}",
    access: "public",
    priority: "low",
  }),
  priceOfSelection: query({
    summary: "What selections of items on sale are and cost, in the order asked, for other modules.",
    input: z.object({ selections: z.array(Selection).min(1).max(20) }),
    output: z.array(PricedSelection),
    refusals: {
      ITEM_NOT_FOUND: refusal(z.object({ itemId: Id }), { status: 404 }),
      ITEM_NOT_ON_SALE: z.object({ itemId: Id }),
      UNKNOWN_OPTIONS: refusal(z.object({ itemId: Id, optionIds: z.array(Id) }), { status: 400 }),
    },
  }),
  sellerOfSku: query({
    summary: "Whose a stock-keeping unit is, for other modules.",
    input: z.object({ sku: Sku }),
    output: z.object({ itemId: Id, partnerId: Id, sellerId: Id }),
    refusals: notFound,
  }),
})
