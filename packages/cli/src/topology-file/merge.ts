import { mainService } from "@hanok/contract"
import { print } from "../print.ts"
import { moveBack } from "./move-module.ts"
import { changedSeams, regroup } from "./regroup.ts"
import { renderMove } from "./report-move.ts"
import type { MoveReport, NextStep } from "./report-move.ts"
import { openTopology, understood, writeTopology } from "./rewrite.ts"

export interface MergeOptions {
  readonly config?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Moves a module back into the service of the rest, in the topology's file. */
export async function merge(module: string, options: MergeOptions): Promise<void> {
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
  const next: readonly NextStep[] = [
    ["hanok dev", "runs it on this machine; a running one does so by itself"],
    [`hanok split ${module}`, "moves it out again"],
  ]
  print(
    changed
      ? renderMove(report, text, after, next)
      : `${module} already lives in ${mainService}, with all that has not moved out. Nothing to do.`,
  )
}
