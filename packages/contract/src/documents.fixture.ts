import { toStandardJsonSchema } from "@valibot/to-json-schema"
import { type } from "arktype"
import * as v from "valibot"
import { z } from "zod"
import { defineContract } from "./contract.ts"
import { command, event, query, refusal } from "./operation.ts"

const Address = z.object({ street: z.string(), zip: z.string().regex(/^\d{5}$/) }).meta({ id: "Address" })
const Gift = z.object({ id: z.string(), state: z.enum(["open", "claimed"]), to: Address.optional() }).meta({ title: "Gift" })

interface Folder {
  readonly name: string
  readonly folders: readonly Folder[]
}
const Folder: z.ZodType<Folder> = z.lazy(() => z.object({ name: z.string(), folders: z.array(Folder) }))

/** Contracts in each of the three schema libraries, with what documents find hard: names, references, choices, recursion. */
export const zodContract = defineContract("gift-shop", {
  giftsOfOrder: query({
    input: z.object({ orderId: z.string(), limit: z.int().min(1).max(100).default(20), tags: z.array(z.string()).optional() }),
    output: z.array(Gift),
    http: "GET /orders/{orderId}/gifts",
    access: "public",
    summary: "Oldest first; empty when the order is unknown.",
  }),
  claimGift: command({
    input: z.object({ giftId: z.string(), to: Address }),
    output: Gift,
    refusals: {
      GIFT_EXPIRED: z.object({ expiredAt: z.iso.datetime() }),
      NO_GIFT: refusal(z.object({ giftId: z.string() }), { status: 404 }),
    },
    http: "POST /gifts/{giftId}/claim",
  }),
  pay: command({
    input: z.discriminatedUnion("method", [
      z.object({ giftId: z.string(), method: z.literal("card"), number: z.string() }),
      z.object({ giftId: z.string(), method: z.literal("cash") }),
    ]),
    output: z.object({}),
    access: { anyOf: ["clerk", "admin"] },
    http: "PUT /gifts/{giftId}/payment",
  }),
  discardGift: command({ input: z.object({ giftId: z.string() }), output: z.object({}), http: "DELETE /gifts/{giftId}" }),
  tree: query({ input: z.object({}), output: Folder, http: "GET /tree" }),
  inside: query({ input: Gift, output: Gift }),
  giftClaimed: event(z.object({ giftId: z.string(), to: Address, gift: Gift }), { orderedBy: "giftId", summary: "Somebody claimed it." }),
})

export const valibotContract = defineContract("stock", {
  stockOf: query({
    input: toStandardJsonSchema(v.object({ sku: v.string(), atLeast: v.optional(v.pipe(v.number(), v.integer())) })),
    output: toStandardJsonSchema(v.object({ left: v.number() })),
    http: "GET /stock/{sku}",
  }),
  taken: event(toStandardJsonSchema(v.object({ sku: v.string(), quantity: v.number() }))),
})

export const arktypeContract = defineContract("mail", {
  send: command({
    input: type({ to: "string.email", "subject?": "string" }),
    output: type({ id: "string", state: "'sent'|'queued'" }),
    refusals: { BLOCKED: type({ until: "string" }) },
    http: "POST /mails",
  }),
  sent: event(type({ id: "string" })),
})
