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
    const isSent = messages.map((_, index) => outcomes[index]?.status === "fulfilled")
    const idsOf = (wanted: boolean) => messages.filter((_, index) => isSent[index] === wanted).map(({ messageId }) => messageId)
    const [sent, left] = [idsOf(true), idsOf(false)]
    if (left.length > 0) context.log.warn("messages could not be sent; they are tried again", { count: left.length })
    await store.transaction(context, async (tx) => {
      if (sent.length > 0) await tx.markSent(sent, timeOf(clock))
      // Behind the others, lest those that can never be sent keep these from being sent.
      if (left.length > 0) await tx.postpone(left, timeOf(clock))
    })
  }
