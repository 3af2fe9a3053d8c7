import { fastify } from "fastify"
import type { FastifyBaseLogger, FastifyInstance } from "fastify"
import type { Filled, Logger, Module } from "@hanok/contract"
import { Pool } from "undici"
import { createEmitter } from "./emitter.ts"
import { addEvents } from "./event-routes.ts"
import { startJobs } from "./jobs.ts"
import { addOperations } from "./operation-routes.ts"
import { problemHandler } from "./problem-handler.ts"
import { startRelay } from "./relay.ts"
import { RequestContext } from "./request-context.ts"
import { createServiceClient } from "./service-client.ts"
import type { Settings } from "./settings.ts"
import { serializerCompiler } from "./zod-compilers.ts"

const jobTimeoutMs = 60_000

/** A Fastify service that serves one module: its operations, what it does about events, its jobs and the way out for its own events. */
export async function createService(name: string, settings: Settings): Promise<FastifyInstance> {
  const module = settings.modules.find(({ contract }) => contract.name === name)
  if (!module) throw new Error(`There is no module ${name}.`)
  const app = fastify({ logger: { level: "warn", base: { service: name } } })
  const log = plain(app.log)
  const poolOf = memoised((service) => new Pool(settings.originOf(service)))
  const needs = await fillNeeds(module, settings, log)
  const ports = portsOf(module, settings, needs, poolOf)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(problemHandler)
  addOperations(app, module, ports, log)
  addEvents(app, module, ports, log)
  addHealth(app, needs)
  const outbox = Object.values(needs).find((need) => need.outbox)?.outbox
  const stopRelay = outbox ? startRelay({ outbox, poolOf, log }) : () => undefined
  const jobContext = (job: string) => new RequestContext({ contract: name, operation: job, timeoutMs: jobTimeoutMs, log }, undefined)
  const stopJobs = startJobs(module, ports, jobContext, log)
  app.addHook("onClose", async () => {
    stopRelay()
    stopJobs()
    await Promise.all(Object.values(needs).map((need) => need.close?.()))
  })
  return app
}

type FilledNeeds = Readonly<Record<string, Filled<unknown>>>

async function fillNeeds(module: Module, { env }: Settings, log: Logger): Promise<FilledNeeds> {
  const host = { module: module.contract.name, env, log }
  const filled = await Promise.all(Object.entries(module.needs).map(async ([name, adapter]) => [name, await adapter.create(host)] as const))
  return Object.fromEntries(filled)
}

// What the module's own types ask for, from the fields by which `defineModule` has checked them.
function portsOf(module: Module, { modules }: Settings, needs: FilledNeeds, poolOf: (service: string) => Pool): never {
  const clients = Object.entries(module.uses).map(([alias, contract]) => [alias, createServiceClient(contract, poolOf(contract.name))])
  const filled = Object.entries(needs).map(([name, { port }]) => [name, port])
  return { ...Object.fromEntries([...clients, ...filled]), events: createEmitter(module, modules) } as never
}

function addHealth(app: FastifyInstance, needs: FilledNeeds): void {
  app.get("/health", async (_, reply) => {
    try {
      await Promise.all(Object.values(needs).map((need) => need.ready?.()))
      return { ready: true }
    } catch (error) {
      return reply.code(503).send({ ready: false, reason: String(error) })
    }
  })
}

function plain(log: FastifyBaseLogger): Logger {
  const write = (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    log[level](fields ?? {}, message)
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") }
}

function memoised<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>()
  return (name) => {
    const value = made.get(name) ?? make(name)
    made.set(name, value)
    return value
  }
}
