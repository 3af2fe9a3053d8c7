import { defineModule } from "@hanok/contract"
import { deliveryContract } from "../delivery/contract.ts"
import { giftContract } from "../gift/contract.ts"
import { orderContract } from "./contract.ts"
import { cancelOverdue } from "./jobs/cancel-overdue.ts"
import { needs, uses } from "./ports.ts"
import { orderById, ordersOfCustomer, orderToShip } from "./queries/orders.ts"
import { markDelivered, markShipped } from "./reactions/delivery.ts"
import { cancelExpiredGift, noteClaim } from "./reactions/gift.ts"
import { cancelOrder } from "./use-cases/cancel-order.ts"
import { payOrder } from "./use-cases/pay-order.ts"
import { placeOrder } from "./use-cases/place-order.ts"
import { startPreparing } from "./use-cases/start-preparing.ts"

export const orderModule = defineModule({
  contract: orderContract,
  owner: "team-order",
  uses,
  listens: { gift: giftContract, delivery: deliveryContract },
  needs,
  handlers: { placeOrder, payOrder, cancelOrder, orderById, ordersOfCustomer, orderToShip, startPreparing },
  reactions: {
    gift: { giftClaimed: noteClaim, giftExpired: cancelExpiredGift },
    delivery: { shipmentShipped: markShipped, shipmentDelivered: markDelivered },
  },
  jobs: { cancelOverdue: { everyMs: 1000, run: cancelOverdue } },
})
