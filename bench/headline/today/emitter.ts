import { randomUUID } from "node:crypto"
import { trace } from "@opentelemetry/api"
import { eventsOf } from "@hanok/contract"
import type { Context, Event, Json, Module, Transaction } from "@hanok/contract"
import { zodOf } from "./zod-compilers.ts"

type Emit = (tx: Transaction, payload: unknown, context: Context) => Promise<void>

const noTrace = { traceId: "0".repeat(32), spanId: "0".repeat(16) }

/** Writes events into the transaction's outbox, a delivery for each service that listens. */
export function createEmitter(module: Module, all: readonly Module[]): Readonly<Record<string, Emit>> {
  const { name } = module.contract
  return Object.fromEntries(eventsOf(module.contract).map(([event, declaration]) => [event, emitOf(name, event, declaration, all)]))
}

function emitOf(contract: string, event: string, declaration: Event, all: readonly Module[]): Emit {
  const schema = zodOf(declaration.payload)
  const listeners = all.filter((module) => listensTo(module, contract, event)).map((module) => module.contract.name)
  return async (tx, value) => {
    if (listeners.length === 0) return
    // Contracts carry JSON only.
    const payload = schema.parse(value) as Json
    const envelope = {
      id: randomUUID(),
      contract,
      event,
      payload,
      orderingKey: keyOf(declaration, payload),
      occurredAt: Date.now(),
      trace: trace.getActiveSpan()?.spanContext() ?? noTrace,
    }
    await tx.outbox.append(envelope, listeners)
  }
}

function listensTo(module: Module, contract: string, event: string): boolean {
  const [alias] = Object.entries(module.listens).find(([, listened]) => listened.name === contract) ?? []
  return alias !== undefined && module.reactions[alias]?.[event] !== undefined
}

function keyOf({ orderedBy }: Event, payload: Json): string | undefined {
  if (orderedBy === undefined || payload === null || typeof payload !== "object") return undefined
  return String((payload as Readonly<Record<string, Json>>)[orderedBy])
}
