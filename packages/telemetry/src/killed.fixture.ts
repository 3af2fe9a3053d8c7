// Adds traces without end to a store in the folder given, and says how many are kept: to be killed.
import { spanOf } from "./otlp/otlp.fixture.ts"
import { createTelemetry } from "./telemetry.ts"

const telemetry = await createTelemetry({ folder: process.argv[2] ?? "" })
for (let number = 1; number < 100_000; number++) {
  await telemetry.add([spanOf({ traceId: number.toString(16).padStart(32, "0") })])
  process.stdout.write(`${number}\n`)
}
