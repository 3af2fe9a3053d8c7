import { defineModule } from "@hanok/contract"
import { deliveryContract } from "../delivery/contract.ts"
import { giftContract } from "../gift/contract.ts"
import { orderContract } from "../order/contract.ts"
import { notificationContract } from "./contract.ts"
import { sendMessages } from "./jobs/send-messages.ts"
import { needs, uses } from "./ports.ts"
import { messagesOfCustomer } from "./queries/messages-of-customer.ts"
import { tellShipped } from "./reactions/deliveries.ts"
import { tellClaimed, tellExpired, tellRecipient } from "./reactions/gifts.ts"
import { tellCancelled, tellPaid } from "./reactions/orders.ts"

export const notificationModule = defineModule({
  contract: notificationContract,
  owner: "team-membership",
  uses,
  listens: { order: orderContract, gift: giftContract, delivery: deliveryContract },
  needs,
  handlers: { messagesOfCustomer },
  reactions: {
    order: { orderPaid: tellPaid, orderCancelled: tellCancelled },
    gift: { giftOffered: tellRecipient, giftClaimed: tellClaimed, giftExpired: tellExpired },
    delivery: { shipmentShipped: tellShipped },
  },
  jobs: { sendMessages: { everyMs: 1000, run: sendMessages } },
})
