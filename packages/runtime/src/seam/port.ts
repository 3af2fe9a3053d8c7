import { Fault, operationsOf } from "@hanok/contract"
import type { CallOptions, Context, Contract, Operation } from "@hanok/contract"
import { CallContext } from "../context/call-context.ts"
import type { Origin } from "../context/call-context.ts"
import { traitsBelow } from "../context/request-traits.ts"
import type { LocalOperation } from "./local-operation.ts"
import { createOutgoing } from "./outgoing.ts"
import { createRemoteTarget, sendRemote } from "./remote-call.ts"
import type { ReplicatedSeam } from "./seam.ts"

/** Where the module behind a contract lives. */
export type Place =
  | { readonly kind: "inline"; operation(name: string): LocalOperation | undefined }
  | { readonly kind: "remote"; readonly service: string; readonly seam: ReplicatedSeam }

/** One function of a port: see `Client` of the contract package. */
export type PortFunction = (input: unknown, context: Context, options?: CallOptions) => Promise<unknown>

/** The port of `caller` to a contract: a function for each of its queries and commands. `wantsJson`: see `SeamCall`. */
export function createPort(
  caller: string,
  contract: Contract,
  place: Place,
  originOf: (contract: string, operation: string) => Origin,
  wantsJson = false,
): Readonly<Record<string, PortFunction>> {
  const functions = operationsOf(contract).map(([name, operation]) => {
    const origin = originOf(contract.name, name)
    const call =
      place.kind === "inline" ? inlineCall(operation, name, place, origin) : remoteCall(caller, operation, place.seam, origin, wantsJson)
    return [name, call] as const
  })
  return Object.fromEntries(functions)
}

function inlineCall(operation: Operation, name: string, place: Place & { kind: "inline" }, origin: Origin): PortFunction {
  const below = belowFor(operation, origin, "internal")
  let local: LocalOperation | undefined
  return (input, context, options) => {
    local ??= place.operation(name)
    if (local === undefined)
      return Promise.reject(new Fault("UNAVAILABLE", `${origin.template.name} is not ready: its module has not started.`))
    return local.invoke(input, below(contextOf(context), options))
  }
}

function remoteCall(caller: string, operation: Operation, seam: ReplicatedSeam, origin: Origin, wantsJson: boolean): PortFunction {
  const below = belowFor(operation, origin, "client")
  const outgoing = createOutgoing(origin.contract, origin.operation, operation)
  const target = createRemoteTarget(seam, caller, origin, operation, outgoing, wantsJson)
  return (input, context, options) => sendRemote(target, input, below(contextOf(context), options))
}

type Below = (parent: CallContext, options: CallOptions | undefined) => CallContext

/** Makes the context of a call from another: its own span, the parent's scope or less, and a key if it is a command in keyed work. */
function belowFor({ kind, timeoutMs, priority }: Operation, origin: Origin, spanKind: "internal" | "client"): Below {
  const key = (parent: CallContext) => (kind === "command" ? parent.nextChildKey(origin.template.name) : undefined)
  return (parent, options) => {
    if (options) return belowAs(parent, options)
    return new CallContext(
      origin,
      parent.ids,
      undefined,
      spanKind,
      parent.scope,
      timeoutMs,
      traitsBelow(parent.request, priority, false),
      key(parent),
    )
  }

  function belowAs(parent: CallContext, { timeoutMs: askedMs, idempotencyKey }: CallOptions): CallContext {
    // What is no number is no shorter either: every call has a deadline.
    const limitMs = askedMs !== undefined && askedMs < timeoutMs ? askedMs : timeoutMs
    const given = kind === "command" ? idempotencyKey : undefined
    const request = traitsBelow(parent.request, priority, idempotencyKey !== undefined)
    return new CallContext(origin, parent.ids, undefined, spanKind, parent.scope, limitMs, request, given ?? key(parent))
  }
}

function contextOf(context: Context): CallContext {
  if (context instanceof CallContext) return context
  throw new Fault("INTERNAL", "A port was called without the context that the handler got.", {
    hint: "Pass the handler's second argument on as the second argument of the call.",
  })
}
