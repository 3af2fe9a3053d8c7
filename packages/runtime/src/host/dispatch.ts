import { Fault, gatewayCaller, isFault } from "@hanok/contract"
import type { FaultCode, Priority, SpanKind } from "@hanok/contract"
import { CallContext } from "../context/call-context.ts"
import type { Origin } from "../context/call-context.ts"
import { frozenIdentity } from "../context/frozen-identity.ts"
import { Scope } from "../context/scope.ts"
import { settledWithin } from "../context/settled-within.ts"
import { messageOf, stackOf } from "../error-text.ts"
import type { ReactionRun } from "../events/reaction.ts"
import type { LocalOperation } from "../seam/local-operation.ts"
import { targetText } from "../seam/seam.ts"
import type { PendingReply, Seam, SeamCall } from "../seam/seam.ts"
import type { Household } from "./host.ts"
import { passOn, wayOnFor } from "./passing-on.ts"
import type { WayOn } from "./passing-on.ts"
import { callRules, declaredOperation, mayTell } from "./rules.ts"

/**
 * The way in for what comes from another process (and for events in this one): it checks the right to call, then calls, or passes on
 * what is for a module of another service.
 */
export function createDispatch(household: Household): Seam {
  const mayCall = callRules(household.options.topology)
  // Of declared seams only: there are no more of them than the topology has.
  const routes = new Map<string, Route>()
  return {
    send(call) {
      if (call.kind === "event") return dispatchEvent(household, call)
      const name = call.target ?? targetText(call)
      // What a module may call, a program that has its name may not.
      const route = call.uses ? undefined : routes.get(name)
      if (route) return run(household, call, route, "server", invoke)
      const found = routeOf(household, mayCall, call)
      if (found instanceof Fault) return rejected(found)
      if ("seam" in found) return run(household, call, found, "client", passOn)
      if (!call.uses && call.passedOn !== true && mayCall(call.caller, call.contract)) routes.set(name, found)
      return run(household, call, found, "server", invoke)
    },
  }
}

/** Where a call leads. */
interface Route extends Way {
  readonly operation: LocalOperation
}

function invoke({ operation }: Route, call: SeamCall, context: CallContext): Promise<unknown> {
  return operation.invoke(call.input, context)
}

function routeOf(household: Household, mayCall: ReturnType<typeof callRules>, call: SeamCall): Route | WayOn | Fault {
  // Whoever passed it on has let the caller in.
  const refusal = call.passedOn === true ? undefined : refusalOf(household, mayCall, call)
  if (refusal !== undefined) return new Fault("FORBIDDEN", refusal)
  const operation = household.hosted.get(call.contract)?.operations.get(call.operation)
  if (!operation) return wayOnFor(household, call)
  const { timeoutMs, priority } = operation.boundary.declaration
  return { operation, origin: household.origin(call.contract, call.operation), timeoutMs, priority }
}

function refusalOf(household: Household, mayCall: ReturnType<typeof callRules>, call: SeamCall): string | undefined {
  const { caller, contract, operation, uses, isDeclared } = call
  const name = `${contract}.${operation}`
  if (uses) return uses.includes(contract) ? undefined : `${caller} called ${name}, but its token does not name ${contract}.`
  if (!mayCall(caller, contract) && isDeclared !== true)
    return `${caller} called ${name}, but does not declare ${contract} in its \`uses\`.`
  if (caller !== gatewayCaller || declaredOperation(household.options.topology, contract, operation)?.http !== undefined) return undefined
  return `${name} has no \`http\` route, so it cannot be called through the gateway.`
}

function dispatchEvent(household: Household, call: SeamCall): PendingReply {
  const subscriber = call.subscriber ?? ""
  const name = `${call.contract}.${call.operation}`
  if (call.uses || call.caller !== call.contract || !mayTell(household.options.topology, call.contract, subscriber)) {
    const message = `${call.caller} told ${subscriber} of ${name}, but ${subscriber} does not declare ${call.contract} in its \`listens\`.`
    return rejected(new Fault("FORBIDDEN", message))
  }
  const react = household.hosted.get(subscriber)?.reactions.get(name)
  if (!react) {
    const found = wayOnFor(household, call)
    return found instanceof Fault ? rejected(found) : run(household, call, found, "client", passOn)
  }
  const origin = household.origin(call.contract, call.operation, { module: subscriber, spanName: `process ${name}` })
  return run(household, call, { react, origin, timeoutMs: reactionTimeoutMs, priority: undefined }, "consumer", tell)
}

async function tell({ react }: { readonly react: ReactionRun }, call: SeamCall, context: CallContext): Promise<void> {
  const { scope } = context
  try {
    await settledWithin(scope, react(call.input, context))
    context.end()
  } catch (error) {
    const shown = isFault(error, "DEADLINE_EXCEEDED") && error === scope.ended ? unended(call) : told(call, context, error)
    context.end(shown)
    throw isFault(shown) && saysNotHere.has(shown.code) ? new Fault("INTERNAL", shown.message, { cause: shown }) : shown
  }
}

// Its emitter's outbox keeps why it failed, from whatever process, for `hanok events`; where it failed is in the log of this one.
// An event can be refused by nobody: a refusal is one of something that the reaction has called, and whose it is the wire would not say.
function told({ contract, operation, subscriber }: SeamCall, { log }: CallContext, error: unknown): unknown {
  if (isFault(error)) return error
  log.error(`${subscriber} failed in its reaction to ${contract}.${operation}`, { error: stackOf(error) })
  return new Fault("INTERNAL", messageOf(error), { cause: error })
}

/** Codes of the answer to an event of which the module there knows nothing; what a reaction fails with has others. */
export const saysNotHere: ReadonlySet<FaultCode> = new Set(["FORBIDDEN", "UNKNOWN_OPERATION"])

// Its service is neither away nor busy, which would say nothing against the event.
function unended({ contract, operation, subscriber }: SeamCall): Fault {
  const message = `${subscriber} did not end its reaction to ${contract}.${operation} within ${reactionTimeoutMs} ms; it may still go on.`
  return new Fault("INTERNAL", message, { hint: "Give what the reaction waits for a limit of time; `context.signal` is aborted with it." })
}

/** The longest a reaction to an event may take. */
const reactionTimeoutMs = 10_000

interface Way {
  readonly origin: Origin
  readonly timeoutMs: number
  /** Of the operation; a reaction has none. */
  readonly priority: Priority | undefined
}

function run<W extends Way>(
  household: Household,
  call: SeamCall,
  way: W,
  kind: SpanKind,
  begin: (way: W, call: SeamCall, context: CallContext) => Promise<unknown>,
): PendingReply {
  if (!(call.remainingMs > 0)) return rejected(tooLate())
  const limitMs = Math.min(call.remainingMs, way.timeoutMs)
  const request = { identity: frozenIdentity(call.identity), priority: call.priority ?? way.priority, mayComeAgain: true }
  const context = new CallContext(way.origin, call.trace, undefined, kind, Scope.endless, limitMs, request, call.idempotencyKey)
  if (call.queuedMs !== undefined) context.setAttribute("hanok.queued_ms", call.queuedMs)
  return new Running(household.enter(context.ids, begin, way, call, context), context)
}

class Running implements PendingReply {
  readonly reply: Promise<unknown>
  readonly #context: CallContext

  constructor(reply: Promise<unknown>, context: CallContext) {
    this.reply = reply
    this.#context = context
  }

  cancel(): void {
    this.#context.cancel()
  }
}

function tooLate(): Fault {
  return new Fault("DEADLINE_EXCEEDED", "The deadline had passed before the call arrived; it was not begun.")
}

function rejected(fault: Fault): PendingReply {
  return { reply: Promise.reject(fault), cancel: () => undefined }
}
