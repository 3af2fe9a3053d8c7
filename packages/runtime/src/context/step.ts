import { AsyncLocalStorage } from "node:async_hooks"
import { Fault } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import type { Numbering } from "./numbering.ts"

/** A transaction, and whose it is as long as it is open; what it has left behind may go on in it for longer. */
interface OpenStep {
  context: Context | undefined
  /** Within keyed work. */
  readonly number: number | undefined
}

const openStep = new AsyncLocalStorage<OpenStep>()

/**
 * Carries out one transaction of a call. One within another would be kept when that one is not, could wait for it for ever, and would
 * be counted only as long as the outer one is not kept: a repetition would take it for the one that comes next.
 */
export async function carryOutStep<Result>(
  context: Context,
  numbering: Numbering | undefined,
  work: (number: number | undefined) => Promise<Result>,
): Promise<Result> {
  if (openStep.getStore()?.context === context) throw nestedFault()
  const number = numbering?.nextStep()
  const open: OpenStep = { context, number }
  try {
    return await openStep.run(open, work, number)
  } finally {
    open.context = undefined
    if (number !== undefined) numbering?.endStep(number)
  }
}

/** The number of the transaction of that call, under a key, within which the code runs that asks. */
export function openStepOf(context: Context): number | undefined {
  const open = openStep.getStore()
  return open?.context === context ? open.number : undefined
}

function nestedFault(): Fault {
  const message = "A transaction was begun within another one of the same call; do all of it in that one, or begin it when that has ended."
  return new Fault("INTERNAL", message)
}
