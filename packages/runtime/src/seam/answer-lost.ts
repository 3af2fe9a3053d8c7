import { isFault } from "@hanok/contract"
import type { Fault } from "@hanok/contract"

const lost = new WeakSet<Fault>()

/**
 * Whether the callee closed the connection with the call under way, as the system does for a process that has ended: what was asked of it
 * may be what brought it down.
 */
export function isAnswerLost(error: unknown): boolean {
  return isFault(error) && lost.has(error)
}

/** Notes that. Returns the fault. */
export function asAnswerLost(fault: Fault): Fault {
  lost.add(fault)
  return fault
}
