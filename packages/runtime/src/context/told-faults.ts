import type { Fault } from "@hanok/contract"

/** Whether the callee's own code did what it should not: what it was is in the callee's log, and nowhere else. */
export function isDefect({ code }: Fault): boolean {
  return code === "INTERNAL" || code === "INVALID_OUTPUT"
}

const told = new WeakSet<Fault>()

/** Whether the log of where it arose has told of it: in that of each module on its way to the client it is told as a cause, without places. */
export function isTold(fault: Fault): boolean {
  return told.has(fault)
}

/** Notes that a log has told of it. Returns it. */
export function asTold(fault: Fault): Fault {
  told.add(fault)
  return fault
}
