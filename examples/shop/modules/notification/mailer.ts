import { defineAdapter } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import type { Message } from "./contract.ts"

/** Whoever carries mails and texts. */
export interface Mailer {
  send(message: Message, context: Context): Promise<void>
}

/** Sends nothing: the messages that are kept as sent are the outbox at which one can look. */
export const simulatedMailer = defineAdapter<Mailer>("simulated mailer", () => ({
  async send({ messageId, channel }, context) {
    context.log.debug("message sent", { messageId, channel })
  },
}))
