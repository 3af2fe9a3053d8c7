import { command, defineContract, event, query, refusal } from "@hanok/contract"
import { z } from "zod"
import { Address } from "../../kernel/address.ts"
import { Id } from "../../kernel/id.ts"
import { paragraph, text } from "../../kernel/text.ts"

/** Secret: whoever has it may claim the gift. */
const Link = z.string().regex(/^[A-Za-z0-9_-]{20,40}$/)

/** As its sender sees it. */
export const Gift = z
  .object({
    giftId: Id,
    orderId: Id,
    link: Link,
    recipientName: text(100),
    message: paragraph(500),
    state: z.enum(["OFFERED", "CLAIMED", "EXPIRED", "CANCELLED"]),
    expiresAt: z.iso.datetime(),
    claimedAt: z.iso.datetime().nullable(),
  })
  .meta({ title: "Gift" })
export type Gift = z.infer<typeof Gift>

/** As everybody sees it who has the link. */
const OfferedGift = Gift.omit({ orderId: true, link: true })
  .extend({ itemNames: z.array(z.string()) })
  .meta({ title: "OfferedGift" })

const notFound = { GIFT_NOT_FOUND: refusal(z.object({}), { status: 404 }) }
const Offer = z.object({ giftId: Id, orderId: Id, senderId: Id, recipientName: text(100) })

export const giftContract = defineContract("gift", {
  giftsOfOrder: query({
    summary: "The gifts of an order of the caller; none when there is no such order.",
    input: z.object({ orderId: Id }),
    output: z.array(Gift),
    http: "GET /orders/{orderId}/gifts",
  }),
  giftByLink: query({
    summary: "The gift that a link leads to.",
    input: z.object({ link: Link }),
    output: OfferedGift,
    refusals: notFound,
    http: "GET /gifts/{link}",
    access: "public",
  }),
  /** Safe to repeat: a second claim changes nothing and returns the first. */
  claimGift: command({
    summary: "Names the address to which a gift goes.",
    input: z.object({ link: Link, address: Address }),
    output: OfferedGift,
    refusals: {
      ...notFound,
      GIFT_EXPIRED: refusal(z.object({ expiredAt: z.iso.datetime() }), { status: 410 }),
      GIFT_CANCELLED: refusal(z.object({}), { status: 410 }),
    },
    http: "POST /gifts/{link}/claim",
    access: "public",
  }),
  giftOffered: event(Offer.extend({ recipientPhone: z.string(), message: paragraph(500), link: Link, expiresAt: z.iso.datetime() }), {
    orderedBy: "giftId",
    summary: "A gift waits to be claimed.",
  }),
  giftClaimed: event(Offer.extend({ address: Address, claimedAt: z.iso.datetime() }), {
    orderedBy: "giftId",
    summary: "A gift was claimed; it is known where it goes.",
  }),
  giftExpired: event(Offer.extend({ expiredAt: z.iso.datetime() }), { orderedBy: "giftId", summary: "Nobody claimed a gift in time." }),
})
