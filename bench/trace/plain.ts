import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto"
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http"
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici"
import { NodeSDK } from "@opentelemetry/sdk-node"
import { z } from "zod"
import { Answer, discounted, priceOf, Request, Stock, stockOf } from "./work.ts"

const schemaOf = (type: z.ZodType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(type, { target: "draft-7" })
  return rest
}

/** The other process: Fastify; with `otlpUrl` under the OpenTelemetry SDK. */
export async function servePlainCallee(otlpUrl: string | undefined): Promise<string> {
  if (otlpUrl !== undefined) startSdk(otlpUrl)
  const { fastify } = await import("fastify")
  const app = fastify()
  app.post<{ Body: { sku: string } }>("/stock", { schema: { response: { 200: schemaOf(Stock) } } }, ({ body }) => stockOf(body))
  return app.listen({ port: 0, host: "127.0.0.1" })
}

/** The measured process: Fastify and undici; with `otlpUrl` under the OpenTelemetry SDK, with a span for each call inside, as Hanok has it. */
export async function servePlain(callee: string, otlpUrl: string | undefined): Promise<string> {
  if (otlpUrl !== undefined) startSdk(otlpUrl)
  // After the SDK, which replaces what they import.
  const [{ fastify }, { Pool }, { trace }] = await Promise.all([import("fastify"), import("undici"), import("@opentelemetry/api")])
  const tracer = trace.getTracer("bench")
  const spanned = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    otlpUrl === undefined ? work() : tracer.startActiveSpan(name, (span) => work().finally(() => span.end()))
  const pool = new Pool(callee, { connections: 64 })
  const headers = { "content-type": "application/json" }
  const remote = async (sku: string) => {
    const { body } = await pool.request({ path: "/stock", method: "POST", headers, body: JSON.stringify({ sku }) })
    return Stock.parse(await body.json())
  }
  const app = fastify()
  app.post<{ Body: Request }>("/orders", { schema: { body: schemaOf(Request), response: { 200: schemaOf(Answer) } } }, async ({ body }) => {
    const { orderId, sku, qty } = body
    const list = await spanned("price.priceOf", () => priceOf({ sku }))
    const { price } = await spanned("price.discounted", () => discounted({ price: list.price }))
    const { available } = await remote(sku)
    return { orderId, total: price * qty, available }
  })
  return `${await app.listen({ port: 0, host: "127.0.0.1" })}/orders`
}

function startSdk(url: string): void {
  // Spans alone are compared: without this the SDK sends metrics and logs as well.
  process.env["OTEL_METRICS_EXPORTER"] = "none"
  process.env["OTEL_LOGS_EXPORTER"] = "none"
  const sdk = new NodeSDK({
    serviceName: "bench",
    traceExporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }),
    instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()],
  })
  sdk.start()
}
