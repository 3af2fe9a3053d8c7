import type { Context } from "@hanok/contract"
import { hasRole, subjectOf } from "../../kernel/subject.ts"
import type { Shipment } from "./contract.ts"
import type { MovingContext } from "./ports.ts"
import type { DeliveryWrites, StoredShipment } from "./store.ts"

/** A shipment that goes somewhere. */
export type Addressed = StoredShipment & Shipment

/** Locks the shipment. Refuses unless it is there and the caller's to handle: something of theirs is in it, or they are an admin. */
export async function lockHandled(tx: DeliveryWrites, shipmentId: string, context: MovingContext): Promise<Addressed> {
  const shipment = await tx.lockShipment(shipmentId)
  if (!isAddressed(shipment) || !handles(shipment, context)) throw context.refusal("SHIPMENT_NOT_FOUND", {})
  return shipment
}

export function isAddressed(shipment: StoredShipment | undefined): shipment is Addressed {
  return shipment !== undefined && shipment.address !== null
}

export function handles({ sellerIds }: StoredShipment, context: Context): boolean {
  return sellerIds.includes(subjectOf(context)) || hasRole(context, "admin")
}
