import { setTimeout as sleep } from "node:timers/promises"
import type { Context } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import type { NotificationPorts } from "../ports.ts"
import type { StoredMessage } from "../store.ts"

const atOnce = 50
/** How long the mailer is waited for. */
const patienceMs = 5_000

/** Sends what is queued. What was sent just before a crash, or took too long, is sent again. */
export const sendMessages = (ports: NotificationPorts) => async (context: Context) => {
  const { store, clock } = ports
  const messages = await store.read(context).queued(atOnce)
  if (messages.length === 0) return
  const sent = await sentOf(ports, messages, context)
  const left = messages.map(({ messageId }) => messageId).filter((id) => !sent.includes(id))
  if (left.length > 0) context.log.warn("messages could not be sent; they are tried again", { count: left.length })
  await store.transaction(context, async (tx) => {
    if (sent.length > 0) await tx.markSent(sent, timeOf(clock))
    // Behind the others, lest those that can never be sent keep these from being sent.
    if (left.length > 0) await tx.postpone(left, timeOf(clock))
  })
}

/** The ids of those that the mailer took in time. */
async function sentOf({ mailer }: NotificationPorts, messages: readonly StoredMessage[], context: Context): Promise<readonly string[]> {
  const sent: string[] = []
  const sending = messages.map(async (message) => {
    await mailer.send(message, context)
    sent.push(message.messageId)
  })
  await Promise.race([Promise.allSettled(sending), sleep(patienceMs, undefined, { ref: false })])
  return [...sent]
}
