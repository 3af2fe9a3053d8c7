import type { Store } from "@hanok/contract"
import type { StockLevel } from "./contract.ts"
import type { Line } from "./level.ts"

/** What is held for an order. */
export interface Reservation {
  readonly orderId: string
  /** `NEW`: nothing is held yet. `RELEASED`: nothing is held any more, nor will be. */
  readonly state: "NEW" | "RESERVED" | "COMMITTED" | "RELEASED"
  readonly lines: readonly Line[]
}

export interface InventoryReads {
  level(sku: string): Promise<StockLevel | undefined>
  /** In no particular order. */
  levels(skus: readonly string[]): Promise<readonly StockLevel[]>
}

export interface InventoryWrites {
  /** The level with those pieces added to what is available. */
  receive(sku: string, quantity: number): Promise<StockLevel>
  /** Locks the levels, always in the same order, so that two orders cannot wait for each other. Unknown ones are left out. */
  lockLevels(skus: readonly string[]): Promise<readonly StockLevel[]>
  /** Writes levels that are locked. */
  putLevels(levels: readonly StockLevel[]): Promise<void>
  /** Locks the reservation of an order, a new one when there is none. */
  lockReservation(orderId: string): Promise<Reservation>
  putReservation(reservation: Reservation): Promise<void>
}

export type InventoryStore = Store<InventoryReads, InventoryWrites>
