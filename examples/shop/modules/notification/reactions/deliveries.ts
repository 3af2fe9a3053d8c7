import type { Reaction } from "@hanok/contract"
import type { deliveryContract } from "../../delivery/contract.ts"
import type { NotificationPorts } from "../ports.ts"
import { queueMail } from "../queue.ts"

export const tellShipped =
  (ports: NotificationPorts): Reaction<typeof deliveryContract, "shipmentShipped"> =>
  ({ shipmentId, orderId, customerId, trackingNumber }, context) => {
    const words = { subject: "Your order is on its way", body: `Order ${orderId} has left the house. Tracking number: ${trackingNumber}` }
    return queueMail(ports, customerId, { occasion: `shipped ${shipmentId}`, ...words }, context)
  }
