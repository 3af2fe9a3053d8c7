import { parseCommandLine, usage } from "./options.ts"
import type { CommandLine } from "./options.ts"
import { runLoad } from "./run.ts"
import { summaryOf } from "./summary.ts"

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const line = parseCommandLine(args)
    if (line !== "help") return await load(line)
    process.stdout.write(usage)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nTry: npm run load -- --help\n`)
    return 2
  }
}

async function load(line: CommandLine): Promise<number> {
  const show = process.stderr.isTTY ? (text: string) => void process.stderr.write(`${text}\n`) : undefined
  const report = await runLoad(line, { signal: firstInterrupt(), ...(show ? { onProgress: show } : {}) })
  process.stdout.write(line.json ? `${JSON.stringify(report)}\n` : summaryOf(report))
  const failed = report.requests > 0 && report.failures / report.requests > line.failures
  return failed ? 1 : 0
}

// The first one ends the run and shows what there is; the second one ends the program.
function firstInterrupt(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort())
  return controller.signal
}
