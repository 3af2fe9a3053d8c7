// Makes life hard for the shop, and finds out which of its promises it has not kept.
import { kinds } from "./faults/kinds.ts"
import { parseOptions, usage } from "./options.ts"
import type { ChaosOptions } from "./options.ts"
import type { ChaosReport } from "./report.ts"
import { runChaos } from "./run.ts"

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const names = kinds.map(({ name }) => name)
    const options = parseOptions(args, names)
    if (options !== "help") return await chaos(options)
    process.stdout.write(`${usage}\n${names.join(" ")}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nTry: npm run chaos -- --help\n`)
    return 2
  }
}

async function chaos(options: ChaosOptions): Promise<number> {
  const begun = performance.now()
  const show = (line: string) => void process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`)
  const report = await runChaos(options, kinds, { signal: interrupts(), onProgress: show })
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : inWords(report))
  return report.passed ? 0 : 1
}

// The first one ends the faults; what was promised is still checked, and all processes are ended.
function interrupts(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => controller.abort())
  return controller.signal
}

function inWords(report: ChaosReport): string {
  const { faults, request_faults, surprises, wrong, skipped, ...numbers } = report
  const lines = Object.entries(numbers).map(([name, value]) => `${name.padEnd(28)} ${value}`)
  const told = faults.map(
    ({ name, target, recoveryMs }) => `${name.padEnd(22)} ${target.padEnd(24)} ${recoveryMs === null ? "" : `${recoveryMs} ms`}`,
  )
  const faultLines = Object.entries(request_faults).map(([name, count]) => `${String(count).padStart(7)} ${name}`)
  const left = skipped.map(({ name, why }) => `${name} was left out: ${why}`)
  return `${[...lines, "", ...told, "", ...faultLines, "", ...surprises, ...left, ...wrong].join("\n")}\n`
}
