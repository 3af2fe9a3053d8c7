// Adds traces to a store in the folder given while no file may become longer than some megabytes, and again when it may: the
// way in which a test fills a disk. Says what was kept.
import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { spanOf } from "./otlp/otlp.fixture.ts"
import { createTelemetry } from "./telemetry.ts"

let traces = 0

function someSpans() {
  return Array.from({ length: 500 }, () =>
    spanOf({ traceId: (++traces).toString(16).padStart(32, "0"), attributes: { noise: randomBytes(1500).toString("base64") } }),
  )
}

function limitFiles(sizeBytes: number | "unlimited"): void {
  execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${sizeBytes}:unlimited`])
}

async function failing(): Promise<unknown> {
  try {
    while (traces < 40_000) await telemetry.add(someSpans())
    return "there was room for all"
  } catch (error) {
    return error
  }
}

const telemetry = await createTelemetry({ folder: process.argv[2] ?? "" })
// Longer than the log becomes before it is moved into the database's file, and shorter than that file would be.
limitFiles(18_500_000)
const failure = await failing()
process.stdout.write(`${String(failure)}\n`)
limitFiles("unlimited")
const before = traces
await telemetry.add(someSpans())
const newest = await telemetry.trace(traces.toString(16).padStart(32, "0"))
process.stdout.write(`kept ${traces - before}, found ${newest?.roots.length}\n`)
await telemetry.close()
