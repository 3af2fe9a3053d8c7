import { defineModule } from "@hanok/contract"
import { giftContract } from "../gift/contract.ts"
import { orderContract } from "../order/contract.ts"
import { deliveryContract } from "./contract.ts"
import { needs, uses } from "./ports.ts"
import { shipmentOfOrder, shipmentsOfSeller } from "./queries/shipments.ts"
import { createGiftShipment } from "./reactions/gifts.ts"
import { cancelShipment, createShipment } from "./reactions/orders.ts"
import { completeDelivery } from "./use-cases/complete-delivery.ts"
import { prepareShipment } from "./use-cases/prepare-shipment.ts"
import { ship } from "./use-cases/ship.ts"

export const deliveryModule = defineModule({
  contract: deliveryContract,
  owner: "team-fulfilment",
  uses,
  listens: { order: orderContract, gift: giftContract },
  needs,
  handlers: { shipmentOfOrder, shipmentsOfSeller, prepareShipment, ship, completeDelivery },
  reactions: { order: { orderPaid: createShipment, orderCancelled: cancelShipment }, gift: { giftClaimed: createGiftShipment } },
})
