// Makes life hard for the shop, and finds out which of its promises it has not kept.
import { kinds } from "./faults/kinds.ts"
import { parseOptions, usage } from "./options.ts"
import type { ChaosOptions } from "./options.ts"
import type { ChaosReport } from "./report.ts"
import { runChaos } from "./run.ts"
import { knownRuns } from "./seeds.ts"

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const names = kinds.map(({ name }) => name)
    const options = parseOptions(args, names)
    if (options !== "help") return options.known ? await chaosOfKnown(options) : await chaos(options, interrupts())
    process.stdout.write(`${usage}\n${names.join(" ")}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nTry: npm run chaos -- --help\n`)
    return 2
  }
}

async function chaosOfKnown(options: ChaosOptions): Promise<number> {
  const signal = interrupts()
  let worst = 0
  for (const { seed, minutes, faults } of knownRuns) {
    if (signal.aborted) break
    worst = Math.max(worst, await chaos({ ...options, seed, minutes, faults }, signal))
  }
  return worst
}

async function chaos(options: ChaosOptions, signal: AbortSignal): Promise<number> {
  const begun = performance.now()
  const show = (line: string) => void process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`)
  const report = await runChaos(options, kinds, { signal, onProgress: show })
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : inWords(report))
  return report.passed ? 0 : 1
}

// The first one ends the faults, and what was promised is still checked. The second one ends everything at once.
function interrupts(): AbortSignal {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt)
  return controller.signal
}

function inWords(report: ChaosReport): string {
  const { faults, requests_by_operation, request_faults, surprises, wrong, skipped, ...numbers } = report
  const lines = Object.entries(numbers).map(([name, value]) => `${name.padEnd(28)} ${value}`)
  const told = faults.map(
    ({ name, target, recoveryMs }) => `${name.padEnd(22)} ${target.padEnd(24)} ${recoveryMs === null ? "" : `${recoveryMs} ms`}`,
  )
  const faultLines = Object.entries(request_faults).map(
    ([name, count]) => `${String(count).padStart(7)} of ${requests_by_operation[name.split(" ")[0] ?? ""]} ${name}`,
  )
  const left = skipped.map(({ name, why }) => `${name} was left out: ${why}`)
  return `${[...lines, "", ...told, "", ...faultLines, "", ...surprises, ...left, ...wrong].join("\n")}\n`
}
