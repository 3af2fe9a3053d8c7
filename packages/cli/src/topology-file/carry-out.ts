import { print } from "../print.ts"
import { changedSeams, regroup } from "./regroup.ts"
import { renderMove } from "./report-move.ts"
import type { MoveReport, NextStep } from "./report-move.ts"
import { writeTopology } from "./rewrite.ts"
import type { EditableTopology } from "./rewrite.ts"

/** Of each command that moves a module. */
export interface MoveOptions {
  readonly config?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Writes the text that has the module in the service `to`, unless it is only to be shown, and tells of it; `nothingToDo` when it is as it was. */
export async function carryOut(
  opened: EditableTopology,
  to: string,
  after: string,
  { dryRun = false, json }: MoveOptions,
  { next, nothingToDo }: { readonly next: readonly NextStep[]; readonly nothingToDo: string },
): Promise<void> {
  const { topology, file, text, module, current: from } = opened
  const changed = after !== text
  if (changed && !dryRun) await writeTopology(opened, after, to)
  const seams = changedSeams(topology, regroup(topology, module, to))
  const report: MoveReport = { changed, dryRun, file, module, from, to, seams }
  if (json) return print(JSON.stringify(report, undefined, 2))
  print(changed ? renderMove(report, text, after, next) : nothingToDo)
}
