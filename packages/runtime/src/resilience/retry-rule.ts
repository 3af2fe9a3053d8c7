import { isFault } from "@hanok/contract"
import type { Fault, Operation } from "@hanok/contract"

/** Whether a second attempt cannot do harm: it only reads, or its key makes sure that it is applied once. */
export function isRepeatable(operation: Operation, idempotencyKey: string | undefined): boolean {
  return operation.kind === "query" || idempotencyKey !== undefined
}

/** Whether a second attempt could end otherwise: the callee was out of reach, overloaded, or busy with the same command. */
export function isWorthRepeating(error: unknown): error is Fault {
  if (isFault(error, "IN_PROGRESS")) return true
  return (isFault(error, "UNAVAILABLE") || isFault(error, "OVERLOADED")) && !fromFurtherIn.has(error)
}

const fromFurtherIn = new WeakSet<Fault>()

/** Whether it is of a service further in, and was repeated by that one's caller as far as it may be (ADR 18). */
export function isFromFurtherIn(fault: Fault): boolean {
  return fromFurtherIn.has(fault)
}

/** Notes that nobody further out is to repeat what ended so. Returns it. */
export function asFromFurtherIn(fault: Fault): Fault {
  fromFurtherIn.add(fault)
  return fault
}
