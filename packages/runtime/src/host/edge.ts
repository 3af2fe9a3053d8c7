import { Fault, gatewayCaller, operationsOf } from "@hanok/contract"
import type { Operation } from "@hanok/contract"
import { CallContext } from "../context/call-context.ts"
import type { Origin } from "../context/call-context.ts"
import { frozenIdentity } from "../context/frozen-identity.ts"
import { nobodysRequest } from "../context/request-traits.ts"
import { Scope } from "../context/scope.ts"
import { randomUuid } from "../context/uuid.ts"
import type { Edge, EdgeCall, EdgeEntry, EdgeEntryOptions, EdgeRequest } from "../edge.ts"
import { now } from "../recorder/clock.ts"
import { formatTrace, newRootSpanIds, newSpanIds, parseTraceparent, serverSpan, SpanTemplate } from "../recorder/index.ts"
import { createPort } from "../seam/port.ts"
import type { PortFunction } from "../seam/port.ts"
import type { PendingReply } from "../seam/seam.ts"
import type { Household } from "./host.ts"

/** The ways in from outside: each request is a server span, and its call goes through the same ports that modules use. */
export function createEdge(household: Household): Edge {
  const targets = new Map(targetsOf(household))
  return { entry: (options) => createEntry(household, targets, options) }
}

interface Target {
  readonly name: string
  readonly operation: Operation
  readonly call: PortFunction
}

function targetsOf(household: Household): [string, Target][] {
  return household.options.topology.modules.flatMap(({ contract }) => {
    const port = createPort(gatewayCaller, contract, household.place(contract.name), household.origin, true)
    return operationsOf(contract).flatMap(([operationName, operation]): [string, Target][] => {
      const call = port[operationName]
      const name = `${contract.name}.${operationName}`
      return operation.http && call ? [[name, { name, operation, call }]] : []
    })
  })
}

interface Entry {
  readonly household: Household
  readonly origin: Origin
  /** `contract.operation`. */
  readonly targetName: string
  readonly target: Target | undefined
  /** By status, of which there are few. */
  readonly ended: Map<number, SpanTemplate>
}

function createEntry(household: Household, targets: ReadonlyMap<string, Target>, options: EdgeEntryOptions): EdgeEntry {
  const { recorder, log } = household.options
  const { name, attributes, target } = options
  const template = SpanTemplate.shared(name, attributes)
  const origin = { recorder, log, module: gatewayCaller, contract: gatewayCaller, operation: name, template }
  const targetName = target ? `${target.contract}.${target.operation}` : "an operation"
  const entry = { household, origin, targetName, target: targets.get(targetName), ended: new Map<number, SpanTemplate>() }
  return {
    open(traceparent, attributes) {
      const parent = serverSpan() ?? (traceparent === undefined ? undefined : parseTraceparent(traceparent))
      const ids = parent ? newSpanIds(parent) : newRootSpanIds()
      const span = new CallContext(origin, ids, ids, "server", Scope.endless, longestRequestMs, nobodysRequest, undefined)
      if (attributes) span.shareAttributes(attributes)
      return new OpenRequest(entry, span)
    },
  }
}

/** A request is cut off by the gateway's own limits, not by this; it only bounds what the span's scope can hold. */
const longestRequestMs = 300_000

class OpenRequest implements EdgeRequest {
  readonly traceparent: string
  readonly traceId: string
  readonly #entry: Entry
  readonly #span: CallContext
  #scope: Scope | undefined = undefined

  constructor(entry: Entry, span: CallContext) {
    this.#entry = entry
    this.#span = span
    const { traceparent, traceId } = formatTrace(span.ids)
    this.traceparent = traceparent
    this.traceId = traceId
  }

  call({ input, identity, idempotencyKey, atMs = now() }: EdgeCall): PendingReply {
    const { household, target, targetName } = this.#entry
    if (!target) return leadsNowhere(targetName)
    const { origin, ids, startMs } = this.#span
    const { kind, priority, timeoutMs } = target.operation
    const scope = Scope.lasting(startMs + Math.min(longestRequestMs, timeoutMs) - atMs, atMs)
    this.#scope = scope
    const isNamed = idempotencyKey !== undefined
    const key = kind === "command" && !isNamed ? `${target.name}|${randomUuid()}` : undefined
    const request = { identity: frozenIdentity(identity), priority, mayComeAgain: isNamed }
    const context = new CallContext(origin, ids, ids, "server", scope, longestRequestMs, request, key, startMs)
    const reply = household.enter(ids, target.call, input, context, isNamed ? { idempotencyKey } : undefined)
    return { reply, cancel: () => scope.cancel() }
  }

  setAttribute(name: string, value: string | number | boolean): void {
    this.#span.setAttribute(name, value)
  }

  end(status: number, error?: unknown): void {
    this.#scope?.leave()
    this.#span.end(status >= 500 ? (error ?? unexplained(status)) : undefined, endedWith(this.#entry, status))
  }
}

function unexplained(status: number): Error {
  return Object.assign(new Error(`status ${status}`), { code: String(status) })
}

function endedWith({ ended, origin }: Entry, status: number): SpanTemplate {
  const known = ended.get(status)
  if (known) return known
  const { name, attributes } = origin.template
  const made = SpanTemplate.shared(name, { ...attributes, "http.response.status_code": status })
  ended.set(status, made)
  return made
}

function leadsNowhere(name: string): PendingReply {
  return { reply: Promise.reject(new Fault("UNKNOWN_OPERATION", `No route leads to ${name}.`)), cancel: () => undefined }
}
