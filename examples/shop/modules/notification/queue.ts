import { refusalOf } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import { timeOf } from "../../kernel/clock.ts"
import { customerContract } from "../customer/contract.ts"
import type { NotificationPorts } from "./ports.ts"
import type { StoredMessage } from "./store.ts"

type Words = Pick<StoredMessage, "occasion" | "subject" | "body">

/** Queues a mail to a customer. */
export async function queueMail(ports: NotificationPorts, customerId: string, words: Words, context: Context): Promise<void> {
  const email = await emailOf(ports, customerId, context)
  if (email !== undefined) await queue(ports, { customerId, channel: "mail", recipient: email, ...words }, context)
}

/** Queues a message of either kind. `customerId` is whom it concerns. */
export function queue(
  { store, clock }: NotificationPorts,
  message: Words & Pick<StoredMessage, "customerId" | "channel" | "recipient">,
  context: Context,
): Promise<void> {
  const now = timeOf(clock)
  const queued = { messageId: context.newId(), ...message, state: "QUEUED" as const, createdAt: now, dueAt: now, sentAt: null }
  return store.transaction(context, (tx) => tx.insertMessage(queued))
}

async function emailOf({ customer }: NotificationPorts, customerId: string, context: Context): Promise<string | undefined> {
  try {
    return (await customer.customerById({ customerId }, context)).email
  } catch (error) {
    if (refusalOf(customerContract, "customerById", error)) return undefined
    throw error
  }
}
