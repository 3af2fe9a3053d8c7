import { Fault } from "@hanok/contract"
import type { CallContext, Origin } from "../context/call-context.ts"
import { settledWithin } from "../context/settled-within.ts"
import { calledModule, targetText } from "../seam/seam.ts"
import type { Seam, SeamCall } from "../seam/seam.ts"
import type { Household } from "./host.ts"
import { declaredOperation, subscribersOf } from "./rules.ts"

/** Where a call leads whose module is in another service. */
export interface WayOn {
  readonly service: string
  readonly seam: Seam
  readonly origin: Origin
  // The callee has its own limits.
  readonly timeoutMs: number
  readonly priority: undefined
}

/**
 * The way to a module that is not here, but in another service by this process's topology: while a module moves, others still look
 * for it where it was, or already where it will be (ADR 16). A fault when there is no such operation, event or module at all; and
 * when the call has been passed on before, so that none goes in circles.
 */
export function wayOnFor(household: Household, call: SeamCall): WayOn | Fault {
  const { service: here } = household.options
  const module = calledModule(call)
  const name = `${call.contract}.${call.operation}`
  const place = household.place(module)
  if (place.kind === "inline" || !isDeclared(household, call)) return new Fault("UNKNOWN_OPERATION", unknownText(call, here))
  if (call.passedOn === true) {
    const message = `${name} was passed on to the service ${here}, which does not have ${module}; it was not begun.`
    return new Fault("UNAVAILABLE", message, { hint: "Services of different topologies run; repeat when all have the same." })
  }
  const { service, seam } = place
  const origin = household.origin(call.contract, call.operation, { module, spanName: `pass on ${name}` })
  return { service, seam, origin, timeoutMs: Number.POSITIVE_INFINITY, priority: undefined }
}

/** Sends the call on, as it is, for whoever sent it: it is theirs to repeat it. */
export async function passOn({ service, seam }: WayOn, call: SeamCall, context: CallContext): Promise<unknown> {
  const { scope } = context
  context.setAttribute("hanok.passed_on", service)
  const passed = { ...call, trace: context.ids, remainingMs: scope.remainingMs, passedOn: true }
  const pending = seam.send({ ...passed, target: targetText(passed) })
  try {
    const output = await settledWithin(scope, pending.reply)
    context.end()
    return output
  } catch (error) {
    pending.cancel()
    context.end(error)
    throw error
  }
}

// Anything else would be remembered under its name, which may be anybody's.
function isDeclared({ options: { topology } }: Household, { kind, contract, operation, subscriber = "" }: SeamCall): boolean {
  if (kind === "event") return subscribersOf(topology, contract, operation).includes(subscriber)
  return declaredOperation(topology, contract, operation) !== undefined
}

function unknownText({ kind, contract, operation, subscriber }: SeamCall, service: string): string {
  const name = `${contract}.${operation}`
  if (kind === "event") return `${subscriber} has no reaction to ${name} in the service ${service}.`
  return `There is no ${name} in the service ${service}.`
}
