import { spawnSync } from "node:child_process"

/** A name for the report, a command found in `node_modules/.bin`, and its arguments. */
type Step = readonly [name: string, command: string, args: readonly string[]]

/** Runs all steps, one after the other, reports each, and sets the exit code to 1 when any of them failed. */
export function runSteps(steps: readonly Step[]): void {
  const failed = steps.filter((step) => !passes(step)).map(([name]) => name)
  if (failed.length === 0) return
  console.error(`\nFailed: ${failed.join(", ")}`)
  process.exitCode = 1
}

function passes([name, command, args]: Step): boolean {
  console.log(`\n> ${name}: ${command} ${args.join(" ")}`)
  const { status, error } = spawnSync(command, args, { stdio: "inherit" })
  if (error) console.error(`${command} could not be started: ${error.message}. Run it through npm, after \`npm ci\`.`)
  return status === 0
}
