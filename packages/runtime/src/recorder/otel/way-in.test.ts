import { AsyncLocalStorage } from "node:async_hooks"
import { Server } from "node:http"
import type { IncomingMessage, ServerResponse } from "node:http"
import { setImmediate as turn } from "node:timers/promises"
import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { context, propagation, ROOT_CONTEXT, SpanKind, trace, TraceFlags } from "@opentelemetry/api"
import type { Context, ContextManager, SpanContext } from "@opentelemetry/api"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../../discovery/address-book.ts"
import { startService } from "../../host/service.ts"
import { createLog } from "../../log.ts"
import { createEntrance } from "../active-context.ts"
import { createReceiver } from "../receiver.fixture.ts"
import { newRootSpanIds } from "../span-ids.ts"
import { register } from "./register.fixture.ts"

/** Keeps contexts as OpenTelemetry's SDK for Node does. */
function startContexts(): void {
  const storage = new AsyncLocalStorage<Context>()
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (within, work, thisArg, ...args) => storage.run(within, () => work.apply(thisArg, args)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  expect(context.setGlobalContextManager(manager)).toBe(true)
  onTestFinished(() => context.disable())
}

/** Keeps what is above each span that is begun, as an SDK sees it. */
function startSdk(): (SpanContext | undefined)[] {
  const above: (SpanContext | undefined)[] = []
  const startSpan = (_: string, __: unknown, within = context.active()) => {
    above.push(trace.getSpanContext(within))
    return trace.wrapSpanContext({ traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: TraceFlags.SAMPLED })
  }
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan: () => expect.fail("Nobody calls it.") }) })
  onTestFinished(() => trace.disable())
  return above
}

async function work(): Promise<void> {
  await turn()
  trace.getTracer("library").startSpan("work", {}).end()
}

test("where an SDK that records no spans keeps the contexts, those of libraries stand below the request in which they begin", async () => {
  startContexts()
  const { registration, exported } = await register()
  expect(registration).toMatchObject({ registered: true, hasSdk: false })
  const requests = [newRootSpanIds(), newRootSpanIds()]
  const enter = createEntrance()
  await Promise.all(requests.map((request) => enter(request, work)))
  const seen = (await exported()).map(({ traceId, parentSpanId }) => ({ traceId, spanId: parentSpanId }))
  expect(seen).toEqual(requests.map(({ traceId, spanId }) => ({ traceId, spanId })))
})

test("spans of libraries that an SDK records stand below the request in which they begin, sampled as what it has of that", async () => {
  startContexts()
  const above = startSdk()
  const { registration } = await register()
  expect(registration).toMatchObject({ registered: false, hasSdk: true })
  const [request, unsampled] = [newRootSpanIds(), newRootSpanIds()]
  const enter = createEntrance()
  await enter(request, work)
  const its = { traceId: unsampled.traceId, spanId: "3".repeat(16), traceFlags: TraceFlags.NONE }
  await context.with(trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(its)), () => enter(unsampled, work))
  expect(above).toEqual([
    { traceId: request.traceId, spanId: request.spanId, traceFlags: TraceFlags.SAMPLED },
    { traceId: unsampled.traceId, spanId: unsampled.spanId, traceFlags: TraceFlags.NONE },
  ])
})

/** Begins a span of each request to a server of this process, as the instrumentation of `node:http` does. */
function instrumentServers(): void {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with a server only.
  const emit = Server.prototype.emit as (this: Server, event: string, ...args: readonly unknown[]) => boolean
  Server.prototype.emit = function (this: Server, event: string, ...args: readonly unknown[]) {
    if (event !== "request") return emit.call(this, event, ...args)
    const [request, response] = args as [IncomingMessage, ServerResponse]
    const within = propagation.extract(ROOT_CONTEXT, request.headers)
    const span = trace.getTracer("http").startSpan(`instrumented ${request.url}`, { kind: SpanKind.SERVER }, within)
    response.on("close", () => span.end())
    return context.with(trace.setSpan(within, span), () => emit.call(this, event, ...args))
  }
  onTestFinished(() => {
    Server.prototype.emit = emit
  })
}

const pingContract = defineContract("ping", {
  ping: query({ input: z.object({}), output: z.object({}), access: "public", http: "GET /ping" }),
})
const pingModule = defineModule({ contract: pingContract, owner: "team-ping", handlers: { ping: () => async () => (await work(), {}) } })

test("a request to a server that is instrumented is one trace", async () => {
  const { url, spans } = await createReceiver()
  const running = await startService({
    topology: defineTopology({ modules: [pingModule] }),
    service: "main",
    env: {
      HANOK_SECRET: "a secret for the tests of instrumentation",
      HANOK_GATEWAY_PORT: "0",
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    },
    discovery: createAddressBook(),
    log: createLog({ service: "main", instance: "1", level: "silent" }),
  })
  onTestFinished(() => running.close({ graceMs: 0 }))
  instrumentServers()
  const headers = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` }
  for (const more of [{}, { headers }]) expect((await fetch(`${running.gatewayUrl}/ping`, more)).status).toBe(200)
  await running.close({ graceMs: 0 })
  const instrumented = spans().filter(({ name }) => name === "instrumented /ping")
  expect(instrumented.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, "b".repeat(16)])
  for (const { traceId, spanId } of instrumented) {
    const own = spans().filter((span) => span.traceId === traceId)
    const request = own.find(({ name }) => name === "GET /ping")
    expect(request?.parentSpanId).toBe(spanId)
    expect(own.find(({ name }) => name === "work")?.parentSpanId).toBe(request?.spanId)
  }
})
