import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { trace } from "@opentelemetry/api"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { newRootSpanIds } from "../recorder/index.ts"
import { startService } from "./service.ts"

const echoContract = defineContract("echo", {
  say: query({ input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }),
})
const echoModule = defineModule({
  contract: echoContract,
  owner: "team-echo",
  handlers: {
    say: () => (input) =>
      trace.getTracer("a library").startActiveSpan("library work", async (span) => {
        span.end()
        return input
      }),
  },
})
const topology = defineTopology({ name: "echoes", modules: [echoModule] })
const env = { HANOK_SECRET: "a secret for this test alone, 32 characters", HANOK_GATEWAY_PORT: "0" }

test("a service exports as OpenTelemetry's variables say, and the spans of libraries with its own", async () => {
  const bodies: string[] = []
  const receiver = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => bodies.push(`${request.url} ${request.headers["authorization"]} ${chunk.toString()}`))
    request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"))
  }).listen(0, "127.0.0.1")
  await once(receiver, "listening")
  onTestFinished(() => void receiver.close())
  const otel = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
  }
  const service = await startService({ topology, service: "main", env: { ...env, ...otel }, discovery: createAddressBook() })
  const call = { caller: "t", uses: ["echo"], kind: "call", contract: "echo", operation: "say", subscriber: undefined } as const
  await service.host.seam.send({
    ...call,
    input: { text: "x" },
    remainingMs: 5000,
    trace: newRootSpanIds(),
    identity: undefined,
    idempotencyKey: undefined,
  }).reply
  await service.close({ graceMs: 1000 })
  const sent = bodies.join("\n")
  for (const part of ["/v1/traces Bearer abc", "deployment.environment.name", '"echo.say"', '"library work"', '"a library"'])
    expect(sent).toContain(part)
})

test("a variable that cannot be understood stops the start, and is named", async () => {
  const wrong = { ...env, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }
  await expect(startService({ topology, service: "main", env: wrong, discovery: createAddressBook() })).rejects.toThrow(
    'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; spans are exported by http/protobuf (usual) or http/json.',
  )
})
