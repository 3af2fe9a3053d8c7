import type { Command } from "commander"
import type { CheckReport } from "../check/check.ts"
import { print } from "../print.ts"

interface Options {
  readonly config?: string
  readonly json?: boolean
}

export function addCheck(program: Command): void {
  program
    .command("check")
    .argument("[folder]", "report only what is in this folder", ".")
    .description("check who imports whom, and the wiring of every hanok.config.ts")
    .option("--config <file>", "check this topology, and not every hanok.config.ts")
    .option("--json", "print JSON")
    .addHelpText("after", help)
    .action(async (folder: string, { config, json }: Options) => {
      const [{ check }, { renderCheck }] = await Promise.all([import("../check/check.ts"), import("../check/render-check.ts")])
      const report = await check({ folder, config })
      print(json ? JSON.stringify(report, undefined, 2) : renderCheck(report))
      process.exitCode = exitCodeOf(report)
    })
}

function exitCodeOf({ violations, undetermined }: CheckReport): number {
  if (violations.length > 0) return 1
  return undetermined.length > 0 ? 3 : 0
}

const help = `
Rules:
  module-imports   a module imports another module's contract.ts and nothing
                   else of it; its tests may take module.ts and *.memory.ts too
  shared-imports   what modules share imports contracts only
  topology         each module is wired as its contract says
With a hanok.check.json:
  package-imports  packages of the workspace import each other as written there
  package-by-name  and not by path
  file-size        no file has more lines than written there

  { "packages": { "@shop/web": { "imports": ["@shop/api"], "types": [],
                                 "tests": ["@shop/testing"] } },
    "maxLines": { "source": 400, "test": 600 } }

Exit codes: 0 all rules are kept, 1 a rule is broken, 3 a file or a topology
could not be read, and nothing else was found.

Examples:
  hanok check
  hanok check modules/gift --json`
