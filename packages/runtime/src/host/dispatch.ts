import { Fault, operationsOf } from "@hanok/contract"
import type { FaultCode, SpanKind } from "@hanok/contract"
import { CallContext } from "../context/call-context.ts"
import { frozenIdentity } from "../context/frozen-identity.ts"
import { Scope } from "../context/scope.ts"
import { activeContext, newSpanIds } from "../recorder/index.ts"
import type { PendingReply, Seam, SeamCall } from "../seam/seam.ts"
import type { Household } from "./host.ts"
import { callRules, gatewayCaller, mayTell } from "./rules.ts"

/** The way in for what comes from another process (and for events in this one): it checks the right to call, then calls. */
export function createDispatch(household: Household): Seam {
  const mayCall = callRules(household.options.topology)
  return { send: (call) => (call.kind === "call" ? dispatchCall(household, mayCall, call) : dispatchEvent(household, call)) }
}

function dispatchCall(household: Household, mayCall: ReturnType<typeof callRules>, call: SeamCall): PendingReply {
  const name = `${call.contract}.${call.operation}`
  if (!mayCall(call.caller, call.contract) && !call.uses?.includes(call.contract)) {
    return rejected("FORBIDDEN", `${call.caller} called ${name}, but does not declare ${call.contract} in its \`uses\`.`)
  }
  if (call.caller === gatewayCaller && !isPublic(household, call)) {
    return rejected("FORBIDDEN", `${name} has no \`http\` route, so it cannot be called through the gateway.`)
  }
  const operation = household.hosted.get(call.contract)?.operations.get(call.operation)
  if (!operation) return rejected("UNKNOWN_OPERATION", `There is no ${name} in the service ${household.options.service}.`)
  return run(household, call, "server", operation.boundary.declaration.timeoutMs, (context) => operation.invoke(call.input, context))
}

function dispatchEvent(household: Household, call: SeamCall): PendingReply {
  const subscriber = call.subscriber ?? ""
  const name = `${call.contract}.${call.operation}`
  if (call.caller !== call.contract || !mayTell(household.options.topology, call.contract, subscriber)) {
    return rejected(
      "FORBIDDEN",
      `${call.caller} told ${subscriber} of ${name}, but ${subscriber} does not declare ${call.contract} in its \`listens\`.`,
    )
  }
  const react = household.reactions.get(`${subscriber}<${name}`)
  if (!react) return rejected("UNKNOWN_OPERATION", `${subscriber} has no reaction to ${name} in the service ${household.options.service}.`)
  return run(household, call, "consumer", reactionTimeoutMs, async (context) => {
    try {
      await react(call.input, context)
      context.end()
    } catch (error) {
      context.end(error)
      throw error
    }
  })
}

/** The longest a reaction to an event may take; shorter than a relay's lease. */
const reactionTimeoutMs = 10_000

type Invoke = (context: CallContext) => Promise<unknown>

function run(household: Household, call: SeamCall, kind: SpanKind, timeoutMs: number, invoke: Invoke): PendingReply {
  if (!(call.remainingMs > 0)) return rejected("DEADLINE_EXCEEDED", "The deadline had passed before the call arrived; it was not begun.")
  const origin = household.origin(call.contract, call.operation)
  const own = kind === "consumer" ? { ...origin, module: call.subscriber ?? "", spanName: `process ${origin.spanName}` } : origin
  const limitMs = Math.min(call.remainingMs, timeoutMs)
  const identity = frozenIdentity(call.identity)
  const context = new CallContext(own, newSpanIds(call.trace), kind, Scope.endless, limitMs, identity, call.idempotencyKey)
  if (call.queuedMs !== undefined) context.setAttribute("hanok.queued_ms", call.queuedMs)
  return { reply: activeContext.run(context.ids, () => invoke(context)), cancel: () => context.cancel() }
}

function isPublic(household: Household, call: SeamCall): boolean {
  const module = household.options.topology.modules.find((candidate) => candidate.contract.name === call.contract)
  return (
    module !== undefined &&
    operationsOf(module.contract).some(([name, operation]) => name === call.operation && operation.http !== undefined)
  )
}

function rejected(code: FaultCode, message: string): PendingReply {
  return { reply: Promise.reject(new Fault(code, message)), cancel: () => undefined }
}
