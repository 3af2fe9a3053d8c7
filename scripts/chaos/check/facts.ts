import type { Line } from "./promised.ts"

export interface OrderFact {
  readonly orderId: string
  readonly customerId: string
  readonly state: "PLACING" | "INIT" | "PAID" | "PREPARING" | "SHIPPED" | "DELIVERY_COMPLETE" | "CANCELLED"
  readonly lines: readonly Line[]
  readonly discountCents: number
  readonly totalCents: number
  readonly couponId: string | null
  readonly isGift: boolean
  readonly wasPaid: boolean
  readonly cancelReason: string | null
  readonly wasClaimed: boolean
}

export interface Level {
  readonly sku: string
  readonly available: number
  readonly reserved: number
  readonly committed: number
}

interface Shipment {
  readonly shipmentId: string
  readonly orderId: string
  readonly state: string
  /** Where it goes to; `null` when it is not to be sent. */
  readonly street: string | null
}

/** How things are with the shop: what its public API shows, and what its databases hold. */
export interface Facts {
  /** Also those that are seen by nobody. */
  readonly orders: readonly OrderFact[]
  readonly payments: readonly { readonly orderId: string; readonly state: string; readonly amountCents: number }[]
  /** The provider's own record. */
  readonly charges: readonly { readonly orderId: string; readonly state: string; readonly amountCents: number }[]
  readonly levels: readonly Level[]
  readonly coupons: readonly { readonly couponId: string; readonly customerId: string; readonly orderId: string | null }[]
  readonly gifts: readonly { readonly giftId: string; readonly orderId: string; readonly state: string }[]
  readonly shipments: readonly Shipment[]
  /** What each message was written for, as often as it was. */
  readonly occasions: readonly string[]
  /** The old settlement core's. */
  readonly sales: readonly { readonly orderId: string; readonly partnerId: string; readonly cancelled: boolean; readonly cents: number }[]
  /** Events that wait to be delivered, and those that nobody tries to deliver any more. */
  readonly undelivered: readonly {
    readonly module: string
    readonly subscriber: string
    readonly parked: boolean
    readonly error: string
  }[]
  /** As their customers see them. */
  readonly shown: {
    readonly orders: readonly {
      readonly orderId: string
      readonly customerId: string
      readonly state: string
      readonly totalCents: number
    }[]
    readonly levels: readonly Level[]
    readonly settlements: readonly { readonly partnerId: string; readonly salesCount: number; readonly grossCents: number }[]
  }
}

/** Placed, from its customer's point of view. */
export function isVisible({ state, cancelReason }: OrderFact): boolean {
  return state !== "PLACING" && cancelReason !== "NOT_PLACED"
}

/** Paid, and not given back. */
export function isSold({ state }: OrderFact): boolean {
  return ["PAID", "PREPARING", "SHIPPED", "DELIVERY_COMPLETE"].includes(state)
}
