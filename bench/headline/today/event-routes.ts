import { eventsOf } from "@hanok/contract"
import type { Context, Contract, Logger, Module } from "@hanok/contract"
import type { FastifyInstance } from "fastify"
import { RequestContext } from "./request-context.ts"
import { parseInput, zodOf } from "./zod-compilers.ts"

type React = (payload: unknown, context: Context) => Promise<void>

const timeoutMs = 10_000

/** Each event that the module reacts to at `POST /events/<contract>/<event>`. */
export function addEvents(app: FastifyInstance, module: Module, ports: never, log: Logger): void {
  for (const [alias, contract] of Object.entries(module.listens)) {
    const reactions = Object.entries(module.reactions[alias] ?? {})
    // It is given what the event's schema has parsed.
    for (const [event, make] of reactions) addEvent(app, contract, event, make(ports) as React, log)
  }
}

function addEvent(app: FastifyInstance, contract: Contract, event: string, react: React, log: Logger): void {
  const declaration = eventsOf(contract).find(([name]) => name === event)?.[1]
  if (!declaration) throw new Error(`${contract.name} has no event ${event}.`)
  const payload = zodOf(declaration.payload)
  const endpoint = { contract: contract.name, operation: event, timeoutMs, log }
  app.post(`/events/${contract.name}/${event}`, async (request, reply) => {
    await react(parseInput(payload, request.body), new RequestContext(endpoint, undefined))
    return reply.code(204).send()
  })
}
