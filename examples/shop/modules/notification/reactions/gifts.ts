import type { Reaction } from "@hanok/contract"
import type { giftContract } from "../../gift/contract.ts"
import type { NotificationPorts } from "../ports.ts"
import { queue, queueMail } from "../queue.ts"

/** The only message that does not go to a customer of the shop. */
export const tellRecipient =
  (ports: NotificationPorts): Reaction<typeof giftContract, "giftOffered"> =>
  ({ giftId, senderId, recipientName, recipientPhone, message, link, expiresAt }, context) => {
    const body = `${recipientName}, there is a gift for you. ${message}\nClaim it until ${expiresAt}: /gifts/${link}`
    const words = { occasion: `offered ${giftId}`, subject: "A gift for you", body }
    return queue(ports, { customerId: senderId, channel: "text", recipient: recipientPhone, ...words }, context)
  }

export const tellClaimed =
  (ports: NotificationPorts): Reaction<typeof giftContract, "giftClaimed"> =>
  ({ giftId, senderId, recipientName }, context) => {
    const words = { subject: "Your gift was claimed", body: `${recipientName} has claimed your gift. It is on its way soon.` }
    return queueMail(ports, senderId, { occasion: `claimed ${giftId}`, ...words }, context)
  }

export const tellExpired =
  (ports: NotificationPorts): Reaction<typeof giftContract, "giftExpired"> =>
  ({ giftId, senderId, recipientName }, context) => {
    const words = {
      subject: "Your gift was not claimed",
      body: `${recipientName} has not claimed your gift in time. You get your money back.`,
    }
    return queueMail(ports, senderId, { occasion: `expired ${giftId}`, ...words }, context)
  }
