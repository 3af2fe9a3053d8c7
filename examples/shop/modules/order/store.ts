import type { Store } from "@hanok/contract"
import type { Page } from "../../kernel/page.ts"
import type { Order } from "./contract.ts"

/** An order as it is kept. While it is `PLACING`, stock and coupon are still being secured, and nobody sees it. */
export interface StoredOrder extends Omit<Order, "state"> {
  readonly state: Order["state"] | "PLACING"
  /** When the gift was claimed. */
  readonly claimedAt: string | null
}

type OrderChange = Partial<
  Pick<StoredOrder, "state" | "discountCents" | "totalCents" | "paidAt" | "cancelledAt" | "cancelReason" | "claimedAt">
>

/** Up to when orders may have been placed to be still waited for; ISO 8601. */
interface Patience {
  readonly placing: string
  readonly unpaid: string
}

export interface OrderReads {
  order(orderId: string): Promise<StoredOrder | undefined>
  /** Those that were placed, newest first. */
  ordersOf(customerId: string, page: Page): Promise<readonly StoredOrder[]>
  /** The ids of orders whose placing or payment has been waited for long enough. */
  overdue(before: Patience, limit: number): Promise<readonly string[]>
}

export interface OrderWrites {
  insertOrder(order: StoredOrder): Promise<void>
  /** Locks the order; `undefined` when there is none. */
  lockOrder(orderId: string): Promise<StoredOrder | undefined>
  changeOrder(orderId: string, change: OrderChange): Promise<void>
}

export type OrderStore = Store<OrderReads, OrderWrites>
