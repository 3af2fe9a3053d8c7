import { operationsOf } from "@hanok/contract"
import type { Contract, Priority } from "@hanok/contract"
import type { Gate, GateOperation } from "../resilience/gate.ts"

/** Finds what the gate is to know of an operation, or of an event that is delivered. */
export type OperationBook = (called: Called) => GateOperation

interface Called {
  readonly kind: "call" | "event"
  readonly contract: string
  readonly operation: string
  /** Of the request, when the call is part of one. */
  readonly priority?: Priority | undefined
}

/** Events wait best: they are delivered again. What is not known here is not begun anyway, and is all one to the gate. */
export function createOperationBook(gate: Gate, contracts: readonly Contract[]): OperationBook {
  const declared = new Map(
    contracts.flatMap((contract) => operationsOf(contract).map(([name, { priority }]) => [`${contract.name}.${name}`, priority])),
  )
  const events = gate.operation("events", "low")
  const others = gate.operation("others", "normal")
  return ({ kind, contract, operation, priority }) => {
    if (kind === "event") return events
    const name = `${contract}.${operation}`
    const own = declared.get(name)
    return own === undefined ? others : gate.operation(name, priority ?? own)
  }
}
