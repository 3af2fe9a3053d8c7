import { relative } from "node:path"
import { lineDiff } from "../line-diff.ts"
import type { DiffLine } from "../line-diff.ts"
import { styled } from "../print.ts"
import type { ChangedSeam } from "./regroup.ts"

/** A module that has moved, or would move. */
export interface MoveReport {
  readonly changed: boolean
  readonly dryRun: boolean
  /** The configuration's absolute path. */
  readonly file: string
  readonly module: string
  readonly from: string
  readonly to: string
  /** The seams that now cross processes, or no longer do. */
  readonly seams: readonly ChangedSeam[]
}

/** A command, and what it does. */
export type NextStep = readonly [command: string, what: string]

/** What has moved, the changed lines, the seams that changed by it, and what to do next. */
export function renderMove(report: MoveReport, before: string, after: string, next: readonly NextStep[]): string {
  const { file, module, from, to, dryRun, seams } = report
  const what = from === to ? `${module} stays in ${to}` : `${module} ${dryRun ? "would move" : "moves"} from ${from} to ${to}`
  return [
    `${what}.`,
    [`  ${relative(process.cwd(), file)}`, ...lineDiff(before, after).map(diffLine)].join("\n"),
    ...seamLines(seams, "remote", "Now across processes, where calls take longer and can fail:"),
    ...seamLines(seams, "inline", "Now within one process:"),
    dryRun ? "Nothing has been written." : ["Next:", ...nextLines(next)].join("\n"),
  ].join("\n\n")
}

function nextLines(next: readonly NextStep[]): readonly string[] {
  const width = Math.max(...next.map(([command]) => command.length)) + 3
  return next.map(([command, what]) => `  ${command.padEnd(width)}${what}`)
}

function diffLine({ kind, text, line }: DiffLine): string {
  const shown = `${String(line).padStart(5)}  ${text}`
  if (kind === "same") return `   ${shown}`
  return kind === "added" ? styled("green", `  +${shown}`) : styled("red", `  -${shown}`)
}

function seamLines(seams: readonly ChangedSeam[], placement: "remote" | "inline", title: string): readonly string[] {
  const lines = seams.filter((seam) => seam.placement === placement)
  if (lines.length === 0) return []
  return [
    [title, ...lines.map(({ from, to, events }) => `  ${from} → ${to}  ${events.length === 0 ? "calls" : events.join(", ")}`)].join("\n"),
  ]
}
