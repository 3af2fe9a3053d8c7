import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const bin = fileURLToPath(new URL("../../bin/hanok.mjs", import.meta.url))

/** Runs `hanok serve` in a process of its own, which is gone when the test is over. `log`: a file for its log, in place of a pipe. */
export function serve(
  folder: string,
  service: string,
  env: Readonly<Record<string, string>>,
  options: readonly string[] = [],
  log: number | "pipe" = "pipe",
) {
  const child = spawn(process.execPath, [bin, "serve", service, ...options], {
    cwd: folder,
    env: {
      ...process.env,
      HANOK_SECRET: "a secret of these tests, long enough",
      OTEL_EXPORTER_OTLP_ENDPOINT: "",
      VITEST: undefined,
      ...env,
    },
    stdio: ["ignore", log, "pipe"],
  })
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
  onTestFinished(async () => {
    child.kill("SIGKILL")
    await ended
  })
  const lines: string[] = []
  if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => lines.push(line))
  return {
    child,
    ended,
    lines,
    output: once(child, "close").then(() => lines),
    errors: child.stderr ? text(child.stderr) : Promise.resolve(""),
  }
}
