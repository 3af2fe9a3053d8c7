import type { Context } from "@hanok/contract"
import type { Payment } from "../contract.ts"

export interface Charge {
  /** Ours, and different for each try. */
  readonly reference: string
  readonly amountCents: number
  readonly method: Payment["method"]
  readonly token: string
}

export type Answer = { readonly kind: "approved" } | { readonly kind: "declined"; readonly reason: string }

/** Whoever moves the money: a house of cards, a bank. All of it is safe to repeat under the same reference. */
export interface PaymentProvider {
  /** Holds the money. Rejects when `signal` ends the waiting; then it may have been held. */
  authorise(charge: Charge, context: Context, signal: AbortSignal): Promise<Answer>
  /** What became of the charge. One that has not come in by now is declined, also when it comes in later. */
  findOut(reference: string, context: Context): Promise<Answer>
  /** Takes the money that is held. */
  capture(reference: string, context: Context): Promise<void>
  /** Lets go of the money, or gives it back when it was taken. What comes in under the reference later is declined. */
  refund(reference: string, context: Context): Promise<void>
}
