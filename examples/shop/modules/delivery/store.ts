import type { Store } from "@hanok/contract"
import type { Page } from "../../kernel/page.ts"
import type { Shipment } from "./contract.ts"

/** A shipment as it is kept; that of an order that was cancelled before there was one has no address. */
export interface StoredShipment extends Omit<Shipment, "address"> {
  readonly address: Shipment["address"] | null
  readonly customerId: string
  readonly sellerIds: string[]
}

export interface DeliveryReads {
  shipmentOf(orderId: string): Promise<StoredShipment | undefined>
  /** Newest first. */
  shipmentsOfSeller(sellerId: string, state: Shipment["state"] | undefined, page: Page): Promise<readonly StoredShipment[]>
}

export interface DeliveryWrites {
  /** `false` when the order has one already. */
  insertShipment(shipment: StoredShipment): Promise<boolean>
  /** Locks the shipment; `undefined` when there is none. */
  lockShipment(shipmentId: string): Promise<StoredShipment | undefined>
  lockShipmentOf(orderId: string): Promise<StoredShipment | undefined>
  changeShipment(shipmentId: string, change: Partial<Pick<StoredShipment, "state" | "trackingNumber">>): Promise<void>
}

export type DeliveryStore = Store<DeliveryReads, DeliveryWrites>
