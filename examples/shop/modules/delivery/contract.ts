import { command, defineContract, event, query, refusal } from "@hanok/contract"
import { z } from "zod"
import { Address } from "../../kernel/address.ts"
import { Id } from "../../kernel/id.ts"
import { pageFields } from "../../kernel/page.ts"

const State = z.enum(["WAITING", "PREPARING", "SHIPPED", "DELIVERED", "CANCELLED"])

export const Shipment = z
  .object({
    shipmentId: Id,
    orderId: Id,
    state: State,
    address: Address,
    trackingNumber: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ title: "Shipment" })
export type Shipment = z.infer<typeof Shipment>

const TrackingNumber = z.string().regex(/^[A-Z0-9-]{5,40}$/)
const refusals = {
  SHIPMENT_NOT_FOUND: refusal(z.object({}), { status: 404 }),
  SHIPMENT_NOT_READY: z.object({ state: State }),
}
const senders = { anyOf: ["partner", "admin"] } as const
const Moved = z.object({ shipmentId: Id, orderId: Id, customerId: Id, trackingNumber: z.string() })

export const deliveryContract = defineContract("delivery", {
  shipmentOfOrder: query({
    summary: "The shipment of an order: for its customer, its sellers and admins.",
    input: z.object({ orderId: Id }),
    output: Shipment,
    refusals: { SHIPMENT_NOT_FOUND: refusals.SHIPMENT_NOT_FOUND },
    http: "GET /orders/{orderId}/shipment",
  }),
  shipmentsOfSeller: query({
    summary: "The shipments with something of the caller's partner in them, newest first.",
    input: z.object({ state: State.optional(), ...pageFields }),
    output: z.object({ shipments: z.array(Shipment), nextCursor: z.string().nullable() }),
    http: "GET /shipments",
    access: { anyOf: ["partner"] },
  }),
  /** Safe to repeat. From here on the order cannot be cancelled. */
  prepareShipment: command({
    summary: "Begins to pack.",
    input: z.object({ shipmentId: Id }),
    output: Shipment,
    refusals,
    http: "POST /shipments/{shipmentId}/prepare",
    access: senders,
  }),
  /** Safe to repeat. */
  ship: command({
    summary: "Hands a packed shipment to the carrier.",
    input: z.object({ shipmentId: Id, trackingNumber: TrackingNumber }),
    output: Shipment,
    refusals,
    http: "POST /shipments/{shipmentId}/ship",
    access: senders,
  }),
  /** Safe to repeat. */
  completeDelivery: command({
    summary: "Takes note that a shipment has arrived.",
    input: z.object({ shipmentId: Id }),
    output: Shipment,
    refusals,
    http: "POST /shipments/{shipmentId}/complete",
    access: senders,
  }),
  shipmentShipped: event(Moved, { orderedBy: "orderId", summary: "A shipment is on its way." }),
  shipmentDelivered: event(Moved, { orderedBy: "orderId", summary: "A shipment has arrived." }),
})
