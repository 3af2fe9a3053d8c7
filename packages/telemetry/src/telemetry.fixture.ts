import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { createTelemetry } from "./telemetry.ts"
import type { Telemetry, TelemetryOptions } from "./telemetry.ts"

/** A folder that goes when the test does. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-telemetry-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A store that is closed when the test ends. */
export async function openTelemetry(options: Partial<TelemetryOptions> = {}): Promise<Telemetry> {
  const telemetry = await createTelemetry({ folder: options.folder ?? (await newFolder()), ...options })
  onTestFinished(() => telemetry.close())
  return telemetry
}
