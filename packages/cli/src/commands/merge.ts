import type { Command } from "commander"
import { mainService } from "@hanok/contract"
import { print } from "../print.ts"
import { moveBack } from "../topology-file/move-module.ts"
import { changedSeams, regroup } from "../topology-file/regroup.ts"
import { renderMove } from "../topology-file/report-move.ts"
import type { MoveReport } from "../topology-file/report-move.ts"
import { openTopology, understood, writeTopology } from "../topology-file/rewrite.ts"

interface Options {
  readonly config?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

export function addMerge(program: Command): void {
  program
    .command("merge")
    .argument("<module>", "a module of the topology")
    .description("move a module back into the one process of the rest")
    .option("--config <file>", "the topology (default: the nearest hanok.config.ts)")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  hanok merge payment\n  hanok merge payment --config topologies/staging.ts --dry-run")
    .action(merge)
}

async function merge(module: string, options: Options): Promise<void> {
  const opened = await openTopology(options.config, module)
  const { topology, file, text, current: from } = opened
  // A module that is written into the service of the rest is already there.
  const after = from === mainService ? text : understood(file, () => moveBack(text, module))
  const changed = after !== text
  const dryRun = options.dryRun ?? false
  if (changed && !dryRun) await writeTopology(opened, after, module, mainService)
  const seams = changedSeams(topology, regroup(topology, module, mainService))
  const report: MoveReport = { changed, dryRun, file, module, from, to: mainService, seams }
  if (options.json) return print(JSON.stringify(report, undefined, 2))
  const next = [
    "hanok dev                 runs it on this machine; a running one does so by itself",
    `hanok split ${module.padEnd(14)}moves it out again`,
  ]
  print(
    changed
      ? renderMove(report, text, after, next)
      : `${module} already lives in ${mainService}, with all that has not moved out. Nothing to do.`,
  )
}
