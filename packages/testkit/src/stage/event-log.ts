import type { Contract, EventName, EventPayload } from "@hanok/contract"

/** An event that reached its listeners. */
export interface RecordedEvent {
  readonly contract: string
  readonly event: string
  readonly payload: unknown
  /** Of the trace in which it was emitted. */
  readonly traceId: string
}

/** The events that the modules under test have emitted, in the order in which they arrived. */
export class EventLog {
  readonly #events: RecordedEvent[] = []

  /** It grows with each event. */
  get all(): readonly RecordedEvent[] {
    return this.#events
  }

  add(event: RecordedEvent): void {
    this.#events.push(event)
  }

  /** The payloads of one event that came after the first `skipped` events of all kinds. */
  payloadsOf<C extends Contract, E extends EventName<C>>(
    contract: C,
    event: E,
    skipped = 0,
  ): readonly EventPayload<C["declarations"][E]>[] {
    const found = this.#events.slice(skipped).filter((one) => one.contract === contract.name && one.event === event)
    // The runtime has parsed the payload with the event's schema.
    return found.map((one) => one.payload as EventPayload<C["declarations"][E]>)
  }
}
