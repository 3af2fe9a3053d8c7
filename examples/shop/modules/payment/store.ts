import type { Store } from "@hanok/contract"
import type { Payment } from "./contract.ts"

/** A payment as it is kept. */
export interface StoredPayment extends Omit<Payment, "state"> {
  /** `NEW`: nobody has tried to pay yet. */
  readonly state: Payment["state"] | "NEW"
  /** Counts the tries; each has a reference of its own with the provider. */
  readonly attempt: number
}

export interface PaymentReads {
  payment(orderId: string): Promise<StoredPayment | undefined>
}

export interface PaymentWrites {
  /** Locks the payment of an order, that one, as a new one, when there is none. */
  lockPayment(payment: StoredPayment): Promise<StoredPayment>
  putPayment(payment: StoredPayment): Promise<void>
}

export type PaymentStore = Store<PaymentReads, PaymentWrites>

/** Under what the provider knows a try. */
export function referenceOf({ orderId, attempt }: Pick<StoredPayment, "orderId" | "attempt">): string {
  return `${orderId}.${attempt}`
}
