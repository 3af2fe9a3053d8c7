import { now } from "../recorder/clock.ts"
import { SeamState } from "../resilience/seam-state.ts"
import type { Attempts } from "./attempt.ts"
import type { Seam } from "./seam.ts"

/** The attempts of a seam; one that knows of no replicas is taken for a single one. */
export function attemptsOf(seam: Seam): Attempts {
  return seam.attempts ?? plainAttempts(seam)
}

function plainAttempts(seam: Seam): Attempts {
  const states = new Map<string, SeamState>()
  return {
    stateOf(caller, contract) {
      const name = `${caller} ${contract}`
      const state = states.get(name) ?? new SeamState(caller, contract, now())
      states.set(name, state)
      return state
    },
    begin(call, _state, _preference, receiver) {
      const pending = seam.send(call)
      let isOver = false
      const attempt = {
        replica: undefined,
        breaker: "closed",
        wasSent: true,
        cancel() {
          isOver = true
          pending.cancel()
        },
      } as const
      pending.reply.then(
        (output) => void (isOver || receiver.succeeded(output, attempt)),
        (error: unknown) => void (isOver || receiver.failed(error, attempt)),
      )
      return attempt
    },
    hasOther: () => false,
  }
}
