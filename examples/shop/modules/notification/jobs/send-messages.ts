import type { Context } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import type { NotificationPorts } from "../ports.ts"

const atOnce = 50

/** Sends what is queued. What was sent just before a crash is sent again. */
export const sendMessages =
  ({ store, mailer, clock }: NotificationPorts) =>
  async (context: Context) => {
    const messages = await store.read(context).queued(atOnce)
    if (messages.length === 0) return
    const outcomes = await Promise.allSettled(messages.map((message) => mailer.send(message, context)))
    const sent = messages.filter((_, index) => outcomes[index]?.status === "fulfilled").map(({ messageId }) => messageId)
    if (sent.length < messages.length)
      context.log.warn("messages could not be sent; they are tried again", { count: messages.length - sent.length })
    if (sent.length > 0) await store.transaction(context, (tx) => tx.markSent(sent, timeOf(clock)))
  }
