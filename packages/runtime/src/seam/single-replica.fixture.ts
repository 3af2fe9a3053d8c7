import { SeamState } from "../resilience/seam-state.ts"
import type { ReplicatedSeam, Seam } from "./seam.ts"

/** A seam taken for one to a single replica, of which nothing is remembered. */
export function singleReplica(seam: Seam): ReplicatedSeam {
  return {
    send: (call) => seam.send(call),
    attempts: {
      stateOf: (caller, contract) => new SeamState(caller, contract, 0),
      begin(call, _state, _preference, receiver) {
        const pending = seam.send(call)
        let isOver = false
        const cancel = () => {
          isOver = true
          pending.cancel()
        }
        const attempt = { replica: undefined, breaker: "closed", wasSent: true, cancel } as const
        pending.reply.then(
          (output) => void (isOver || receiver.succeeded(output, attempt)),
          (error: unknown) => void (isOver || receiver.failed(error, attempt)),
        )
        return attempt
      },
      hasOther: () => false,
    },
  }
}
