import { mainService } from "@hanok/contract"
import { carryOut } from "./carry-out.ts"
import type { MoveOptions } from "./carry-out.ts"
import { moveBack } from "./move-module.ts"
import type { NextStep } from "./report-move.ts"
import { openTopology, understood } from "./rewrite.ts"

/** Moves a module back into the service of the rest, in the topology's file. */
export async function merge(module: string, options: MoveOptions): Promise<void> {
  const opened = await openTopology(options.config, module)
  // A module that is written into the service of the rest is already there.
  const after = opened.current === mainService ? opened.text : understood(opened.file, () => moveBack(opened.text, module))
  const next: readonly NextStep[] = [
    ["hanok dev", "runs it on this machine; a running one does so by itself"],
    [`hanok split ${module}`, "moves it out again"],
  ]
  const nothingToDo = `${module} already lives in ${mainService}, with all that has not moved out. Nothing to do.`
  await carryOut(opened, mainService, after, options, { next, nothingToDo })
}
