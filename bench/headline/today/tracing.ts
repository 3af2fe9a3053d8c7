import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto"
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http"
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg"
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici"
import { NodeSDK } from "@opentelemetry/sdk-node"
import { register } from "import-in-the-middle/register-hooks.mjs"

/*
 * The OpenTelemetry SDK as its README sets it up, with the three instrumentations that these services need; loaded with
 * `--import`, before the program. An exporter that is given so gets a batch span processor with its defaults. The service's
 * name and the collector's address come from the SDK's own environment variables.
 */
// Programs that are ECMAScript modules need it, for the drivers that they import; on this thread it costs less than as a loader.
register({ include: ["pg"] })

const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation(), new PgInstrumentation()],
})
sdk.start()
