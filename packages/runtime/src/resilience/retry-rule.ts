import { isFault } from "@hanok/contract"
import type { Fault, Operation } from "@hanok/contract"

/** Whether a second attempt cannot do harm: it only reads, or its key makes sure that it is applied once. */
export function isRepeatable(operation: Operation, idempotencyKey: string | undefined): boolean {
  return operation.kind === "query" || idempotencyKey !== undefined
}

/** Whether a second attempt could end otherwise: the callee was out of reach, overloaded, or busy with the same command. */
export function isWorthRepeating(error: unknown): error is Fault {
  return isFault(error, "UNAVAILABLE") || isFault(error, "OVERLOADED") || isFault(error, "IN_PROGRESS")
}
