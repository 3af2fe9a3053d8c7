import { randomUUID } from "node:crypto"
import { Fault, operationsOf } from "@hanok/contract"
import type { Operation } from "@hanok/contract"
import { CallContext } from "../context/call-context.ts"
import { frozenIdentity } from "../context/frozen-identity.ts"
import { nobodysRequest } from "../context/request-traits.ts"
import { Scope } from "../context/scope.ts"
import type { Edge, EdgeCall, EdgeRequest, EdgeRequestStart } from "../edge.ts"
import { now } from "../recorder/clock.ts"
import { formatTraceparent, newRootSpanIds, newSpanIds, parseTraceparent, traceIdIn } from "../recorder/index.ts"
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
  return new OpenRequest(
    household,
    targets,
    new CallContext(origin, ids, "server", Scope.endless, longestRequestMs, nobodysRequest, undefined),
  )
}

class OpenRequest implements EdgeRequest {
  readonly traceparent: string
  readonly #household: Household
  readonly #targets: ReadonlyMap<string, Target>
  readonly #span: CallContext
  #scope: Scope | undefined

  constructor(household: Household, targets: ReadonlyMap<string, Target>, span: CallContext) {
    this.#household = household
    this.#targets = targets
    this.#span = span
    this.traceparent = formatTraceparent(span.ids)
  }

  get traceId(): string {
    return traceIdIn(this.traceparent)
  }

  call(call: EdgeCall): PendingReply {
    const name = `${call.contract}.${call.operation}`
    const target = this.#targets.get(name)
    if (!target) return leadsNowhere(call)
    const { origin, ids, startMs } = this.#span
    const limitMs = Math.min(call.timeoutMs ?? longestRequestMs, target.operation.timeoutMs)
    this.#scope = Scope.lasting(startMs + limitMs - now())
    const { kind, priority } = target.operation
    const isNamed = call.idempotencyKey !== undefined
    const key = kind === "command" && !isNamed ? `${name}|${randomUUID()}` : undefined
    const request = { identity: frozenIdentity(call.identity), priority, mayComeAgain: isNamed }
    const context = new CallContext(origin, ids, "server", this.#scope, longestRequestMs, request, key, startMs)
    return callFrom(this.#household, context, target, call)
  }

  setAttribute(name: string, value: string | number | boolean): void {
    this.#span.setAttribute(name, value)
  }

  end(status: number, error?: unknown): void {
    this.#scope?.close()
    this.#span.setAttribute("http.response.status_code", status)
    this.#span.end(status >= 500 ? (error ?? new Error(`status ${status}`)) : undefined)
  }
}

function leadsNowhere({ contract, operation }: EdgeCall): PendingReply {
  const fault = new Fault("UNKNOWN_OPERATION", `No route leads to ${contract}.${operation}.`)
  return { reply: Promise.reject(fault), cancel: () => undefined }
}

function callFrom(household: Household, context: CallContext, target: Target, call: EdgeCall): PendingReply {
  const options = call.idempotencyKey === undefined ? {} : { idempotencyKey: call.idempotencyKey }
  const reply = household.enter(context.ids, target.call, call.input, context, options)
  return { reply, cancel: () => context.scope.cancel() }
}
