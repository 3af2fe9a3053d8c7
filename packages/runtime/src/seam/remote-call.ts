import type { Fault } from "@hanok/contract"
import type { CallContext } from "../context/call-context.ts"
import type { Outgoing } from "./outgoing.ts"
import type { PendingReply, Seam } from "./seam.ts"

/** Sends a call to where its module lives; settles at the latest when the context's scope ends, and then ends the context's span. */
export function sendRemote(seam: Seam, caller: string, input: unknown, outgoing: Outgoing, context: CallContext): Promise<unknown> {
  const { scope } = context
  if (scope.ended) return refuseToStart(context, scope.ended)
  try {
    return settled(send(seam, caller, outgoing(input), context), context)
  } catch (error) {
    return refuseToStart(context, error)
  }
}

function send(seam: Seam, caller: string, input: unknown, context: CallContext): PendingReply {
  const { scope } = context
  return seam.send({
    caller,
    kind: "call",
    contract: context.origin.contract,
    operation: context.origin.operation,
    subscriber: undefined,
    input,
    remainingMs: Math.max(1, scope.deadlineAt - Date.now()),
    trace: context.ids,
    identity: context.identity,
    idempotencyKey: context.idempotencyKey,
  })
}

/** The reply of a call under way, or the end of its scope, whichever is first. */
function settled(pending: PendingReply, context: CallContext): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const waiter = {
      stop(fault: Fault) {
        pending.cancel()
        finish(fault)
        reject(fault)
      },
    }
    context.scope.add(waiter)
    pending.reply.then(
      (output) => {
        finish()
        resolve(output)
      },
      (error: unknown) => {
        finish(error)
        reject(error)
      },
    )
    function finish(error?: unknown): void {
      context.scope.delete(waiter)
      context.end(error)
    }
  })
}

function refuseToStart(context: CallContext, error: unknown): Promise<never> {
  context.end(error)
  return Promise.reject(error)
}
