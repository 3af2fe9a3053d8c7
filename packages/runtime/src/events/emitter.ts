import { eventsOf, Fault } from "@hanok/contract"
import type { Contract, Emitter, Event, Json, Transaction } from "@hanok/contract"
import type { CallContext } from "../context/call-context.ts"
import { createParser } from "../parse/index.ts"

type Emit = (tx: Transaction, payload: unknown, context: CallContext) => Promise<void>

/** The `events` port of a module: each function writes its event into the transaction it is given. */
export function createEmitter<C extends Contract>(contract: C, subscribersOf: (event: string) => readonly string[]): Emitter<C> {
  const functions = eventsOf(contract).map(([name, event]) => [name, createEmit(contract.name, name, event, subscribersOf(name))])
  // The names are those of the contract's events and the payloads are parsed, which is what the mapped type says.
  return Object.fromEntries(functions) as Emitter<C>
}

function createEmit(contract: string, name: string, event: Event, subscribers: readonly string[]): Emit {
  const message = `${contract}.${name} was emitted with a payload that its contract does not declare.`
  const parse = createParser(event.payload, (issues) => new Fault("INVALID_OUTPUT", message, { issues }))
  const attributes = {
    "messaging.system": "hanok",
    "messaging.operation.name": "send",
    "messaging.destination.name": `${contract}.${name}`,
  }
  return async (tx, value, context) => {
    const payload = parse(value) as Json
    if (subscribers.length === 0) return
    const span = context.startSpan(`send ${contract}.${name}`, "producer", attributes)
    try {
      const envelope = {
        id: context.newId(),
        contract,
        event: name,
        payload,
        orderingKey: keyOf(event, payload),
        occurredAt: Date.now(),
        trace: span.trace,
      }
      await tx.outbox.append(envelope, subscribers)
      span.end()
    } catch (error) {
      span.end(error)
      throw error
    }
  }
}

function keyOf(event: Event, payload: Json): string | undefined {
  if (event.orderedBy === undefined || payload === null || typeof payload !== "object") return undefined
  const value = (payload as Readonly<Record<string, Json>>)[event.orderedBy]
  return value === undefined ? undefined : String(value)
}
