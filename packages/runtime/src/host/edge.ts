import { Fault, operationsOf } from "@hanok/contract"
import type { Operation } from "@hanok/contract"
import { CallContext } from "../context/call-context.ts"
import { frozenIdentity } from "../context/frozen-identity.ts"
import { Scope } from "../context/scope.ts"
import type { Edge, EdgeCall, EdgeRequest, EdgeRequestStart } from "../edge.ts"
import { now } from "../recorder/clock.ts"
import { activeContext, formatTraceparent, newRootSpanIds, newSpanIds, parseTraceparent } from "../recorder/index.ts"
import { createPort } from "../seam/port.ts"
import type { PortFunction } from "../seam/port.ts"
import type { PendingReply } from "../seam/seam.ts"
import type { Household } from "./host.ts"
import { gatewayCaller } from "./rules.ts"

interface Target {
  readonly operation: Operation
  readonly call: PortFunction
}

/** The way in from outside: each request is a server span, and its call goes through the same ports that modules use. */
export function createEdge(household: Household): Edge {
  const targets = new Map(targetsOf(household))
  return { open: (start) => openRequest(household, targets, start) }
}

function targetsOf(household: Household): [string, Target][] {
  return household.options.topology.modules.flatMap(({ contract }) => {
    const port = createPort(gatewayCaller, contract, household.place(contract.name), household.origin)
    return operationsOf(contract).flatMap(([name, operation]): [string, Target][] => {
      const call = port[name]
      return operation.http && call ? [[`${contract.name}.${name}`, { operation, call }]] : []
    })
  })
}

/** A request is cut off by the gateway's own limits, not by this; it only bounds what the span's scope can hold. */
const longestRequestMs = 300_000

function openRequest(household: Household, targets: ReadonlyMap<string, Target>, start: EdgeRequestStart): EdgeRequest {
  const parent = start.traceparent === undefined ? undefined : parseTraceparent(start.traceparent)
  const ids = parent ? newSpanIds(parent) : newRootSpanIds()
  const { recorder, log } = household.options
  const origin = {
    recorder,
    log,
    module: gatewayCaller,
    contract: gatewayCaller,
    operation: start.name,
    spanName: start.name,
    attributes: start.attributes,
  }
  const began = now()
  const span = new CallContext(origin, ids, "server", Scope.endless, longestRequestMs, undefined, undefined, began)
  let scope: Scope | undefined
  return {
    traceId: ids.traceId,
    traceparent: formatTraceparent(ids),
    call(call) {
      const target = targets.get(`${call.contract}.${call.operation}`)
      if (!target)
        return {
          reply: Promise.reject(new Fault("UNKNOWN_OPERATION", `No route leads to ${call.contract}.${call.operation}.`)),
          cancel: () => undefined,
        }
      const limitMs = Math.min(call.timeoutMs ?? longestRequestMs, target.operation.timeoutMs)
      scope = Scope.lasting(began + limitMs - now())
      const context = new CallContext(origin, ids, "server", scope, longestRequestMs, frozenIdentity(call.identity), undefined, began)
      return callFrom(context, target, call)
    },
    setAttribute: (name, value) => span.setAttribute(name, value),
    end(status, error) {
      scope?.close()
      span.setAttribute("http.response.status_code", status)
      span.end(status >= 500 ? (error ?? new Error(`status ${status}`)) : undefined)
    },
  }
}

function callFrom(context: CallContext, target: Target, call: EdgeCall): PendingReply {
  const options = call.idempotencyKey === undefined ? {} : { idempotencyKey: call.idempotencyKey }
  const reply = activeContext.run(context.ids, () => target.call(call.input, context, options))
  return { reply, cancel: () => context.scope.cancel() }
}
