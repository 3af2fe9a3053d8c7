import { defineContract, query } from "@hanok/contract"
import { z } from "zod"
import { Id } from "../../kernel/id.ts"
import { pageFields } from "../../kernel/page.ts"

/** Something that somebody is told. */
export const Message = z
  .object({
    messageId: Id,
    channel: z.enum(["mail", "text"]),
    /** An e-mail address or a phone number. */
    recipient: z.string(),
    subject: z.string(),
    body: z.string(),
    state: z.enum(["QUEUED", "SENT"]),
    createdAt: z.iso.datetime(),
    sentAt: z.iso.datetime().nullable(),
  })
  .meta({ title: "Message" })
export type Message = z.infer<typeof Message>

export const notificationContract = defineContract("notification", {
  messagesOfCustomer: query({
    summary: "What the caller was told, newest first.",
    input: z.object(pageFields),
    output: z.object({ messages: z.array(Message), nextCursor: z.string().nullable() }),
    http: "GET /me/messages",
    priority: "low",
  }),
})
