// Sends the shop everything that is wrong, and finds out whether it withstands it.
import { parseOptions, usage } from "./options.ts"
import type { FuzzOptions } from "./options.ts"
import { runFuzz } from "./run.ts"

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args)
    if (options !== "help") return await fuzz(options)
    process.stdout.write(usage)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nTry: npm run fuzz -- --help\n`)
    return 2
  }
}

async function fuzz(options: FuzzOptions): Promise<number> {
  const begun = performance.now()
  const show = (line: string) => void process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`)
  const report = await runFuzz(options, { signal: firstInterrupt(), onProgress: show })
  process.stdout.write(`${JSON.stringify(report, undefined, options.json ? undefined : 2)}\n`)
  return report.passed ? 0 : 1
}

function firstInterrupt(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort())
  return controller.signal
}
