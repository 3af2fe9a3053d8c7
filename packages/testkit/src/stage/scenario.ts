import type { Contract, EventName, EventPayload } from "@hanok/contract"
import { until } from "../until.ts"
import type { UntilOptions } from "../until.ts"
import type { EventLog } from "./event-log.ts"

/** A stimulus, and the change that is awaited because of it. The stimulus runs when the change is asked for. */
export interface Scenario<Result> {
  /**
   * The payload of the first such event that comes after the stimulus, and that `matches` when it is given.
   * `result` is what the stimulus gave back.
   */
  event<C extends Contract, E extends EventName<C>>(
    contract: C,
    event: E,
    matches?: (payload: EventPayload<C["declarations"][E]>, result: Result) => boolean,
    options?: UntilOptions,
  ): Promise<EventPayload<C["declarations"][E]>>
  /** The first thing that `look` sees after the stimulus and that is not `undefined`, `null` or `false`. */
  until<T>(look: (result: Result) => T | Promise<T>, options?: UntilOptions): Promise<Exclude<T, undefined | null | false>>
}

export function createScenario<Result>(events: EventLog, stimulus: () => Result | Promise<Result>): Scenario<Result> {
  return {
    async event(contract, event, matches = () => true, options = {}) {
      const before = events.all.length
      const result = await stimulus()
      const look = () =>
        events
          .payloadsOf(contract, event, before)
          .map(boxed)
          .find(({ payload }) => matches(payload, result))
      const found = await until(look, { what: whatOf(`${contract.name}.${event}`), ...options }).catch((error: unknown) => {
        throw withEvents(error, events, before)
      })
      return found.payload
    },
    async until(look, options) {
      const result = await stimulus()
      return until(() => look(result), options)
    },
  }
}

// A payload may be anything that JSON has, `null` and `false` too.
function boxed<T>(payload: T): { readonly payload: T } {
  return { payload }
}

function whatOf(event: string): string {
  return `the event ${event}`
}

function withEvents(error: unknown, events: EventLog, before: number): Error {
  const names = events.all.slice(before).map(({ contract, event }) => `${contract}.${event}`)
  const came = names.length === 0 ? "No event came." : `What came: ${names.join(", ")}.`
  return new Error(`${error instanceof Error ? error.message : String(error)} ${came}`, { cause: error })
}
