import { setTimeout as sleep } from "node:timers/promises"
import { createTelemetry, createTelemetryServer, StoreError } from "@hanok/telemetry"
import type { Telemetry, TelemetryServer } from "@hanok/telemetry"
import { messageOf } from "../cli-error.ts"
import { leave } from "../leave.ts"
import { becomeUsual } from "../supervisor/priority.ts"
import type { FromTraceStore } from "./trace-store.ts"

/** Keeps traces in the folder named by the first argument, at the first port of the second that is free. It ends with `hanok dev`. */
const [, , folder = "", ports = ""] = process.argv
/** The store of a `hanok dev` that was killed ends at once, unless it is in the middle of writing much. */
const lockedMs = 15_000
const noticeAfterMs = 2_000
const lookEveryMs = 100

process.title = "hanok traces"
// At a terminal Ctrl-C, and its closing, reach the whole family; so does SIGTERM where processes are stopped by group. Spans come until
// the last service has ended, and then `hanok dev` says so.
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"]) process.on(signal, () => undefined)
process.once("disconnect", () => process.exit())
await serve().catch(fail)

async function serve(): Promise<void> {
  const telemetry = await open()
  const server = await listen(telemetry)
  process.once("message", () => void stop(server, telemetry))
  tell({ kind: "listens", url: server.url })
  becomeUsual()
}

async function open(): Promise<Telemetry> {
  let isTold = false
  for (const begunAt = performance.now(); ; await sleep(lookEveryMs)) {
    try {
      return await createTelemetry({ folder })
    } catch (error) {
      const waitedMs = performance.now() - begunAt
      if (!(error instanceof StoreError) || error.code !== "STORE_LOCKED" || waitedMs > lockedMs) throw error
      if (!isTold && waitedMs > noticeAfterMs) {
        isTold = true
        process.stdout.write(`${error.message} It is waited for.\n`)
      }
    }
  }
}

async function listen(telemetry: Telemetry): Promise<TelemetryServer> {
  const [last = 0, ...others] = ports.split(",").map(Number).toReversed()
  for (const port of others.toReversed()) {
    try {
      return await createTelemetryServer({ telemetry, port })
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error
    }
  }
  return createTelemetryServer({ telemetry, port: last })
}

async function stop(server: TelemetryServer, telemetry: Telemetry): Promise<void> {
  await server.close()
  await telemetry.close()
  leave()
}

function fail(error: unknown): void {
  tell({ kind: "failed", message: messageOf(error) }, leave)
}

function tell(message: FromTraceStore, done: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, {}, () => done())
  else done()
}
