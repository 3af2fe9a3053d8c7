import type { ParkedDelivery } from "@hanok/contract"
import { limitOf } from "../limit-of.ts"
import { print, styled } from "../print.ts"
import { harmlessJson, wrapped } from "../terminal-text.ts"
import { known, outboxesOf } from "./outboxes.ts"
import type { WhereOutboxes } from "./outboxes.ts"

export interface ParkedOptions extends WhereOutboxes {
  readonly limit: string
  readonly json?: boolean
}

interface Parked {
  readonly module: string
  readonly delivery: ParkedDelivery
}

/** Prints the events that were given up, the longest ago first. */
export async function showParked(named: readonly string[], options: ParkedOptions): Promise<void> {
  const limit = limitOf(options.limit)
  const outboxes = await outboxesOf(options)
  const modules = named.length > 0 ? named.map((module) => known(module, outboxes)) : outboxes.modules
  const parked: Parked[] = []
  let isMore = false
  for (const module of modules) {
    const found = (await outboxes.with(module, (outbox) => outbox.parked(limit + 1))).flat()
    isMore ||= found.length > limit
    parked.push(...found.slice(0, limit).map((delivery) => ({ module, delivery })))
  }
  if (options.json) return print(harmlessJson(parked.map(factsOf)))
  if (parked.length === 0) return print("No event was given up.")
  const width = process.stdout.columns || 80
  for (const each of parked) print(`${textOf(each, width)}\n`)
  if (isMore) print("There are more: --limit shows them.")
  print(`hanok events replay ${nameOf(parked[0])} has it brought again, hanok events replay ${parked[0]?.module} all of that module.`)
}

function nameOf(parked: Parked | undefined): string {
  return parked === undefined ? "" : `${parked.module}/${parked.delivery.id}`
}

function textOf(parked: Parked, width: number): string {
  const { envelope, subscriber, attempts, parkedAt, error } = parked.delivery
  const { event, trace, orderingKey } = envelope
  const tries = attempts === 1 ? "one try" : `${attempts} tries`
  const below = [
    `given up ${new Date(parkedAt).toISOString()} after ${tries}: ${error}`,
    `emitted ${new Date(envelope.occurredAt).toISOString()}${orderingKey === undefined ? "" : `, in order within ${orderingKey}`}`,
    `trace ${trace.traceId}`,
  ]
  const lines = below.flatMap((text) => wrapped(text, width - 2)).map((line) => `  ${line}`)
  return [`${styled("bold", nameOf(parked))}  ${event} for ${subscriber}`, ...lines].join("\n")
}

function factsOf({ module, delivery: { id, subscriber, attempts, error, parkedAt, envelope } }: Parked) {
  return {
    module,
    id: `${module}/${id}`,
    subscriber,
    attempts,
    error,
    parkedAt: new Date(parkedAt).toISOString(),
    event: { ...envelope, occurredAt: new Date(envelope.occurredAt).toISOString() },
  }
}
