import { fit, wrapped } from "../terminal-text.ts"
import { folded } from "./fold.ts"
import type { Fold } from "./fold.ts"
import { processesOf } from "./processes.ts"
import type { Process } from "./processes.ts"
import { remarkOn } from "./remark.ts"

/** A span as the telemetry server tells of it. */
export interface SpanView {
  readonly name: string
  readonly service: string
  readonly kind: string
  /** Its place among the trace's `resources`. */
  readonly resource: number
  /** Milliseconds since the epoch. */
  readonly startMs: number
  readonly durationMs: number
  readonly failed: boolean
  readonly message: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly EventView[]
  readonly children: readonly SpanView[]
}

/** Something that happened at one moment of a span. */
interface EventView {
  readonly name: string
  /** ISO 8601. */
  readonly at: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface TraceView {
  readonly traceId: string
  /** What its spans are of: attributes of OpenTelemetry's resources. */
  readonly resources: readonly Readonly<Record<string, unknown>>[]
  readonly roots: readonly SpanView[]
  readonly orphans: readonly SpanView[]
  /** Spans that the server did not tell of: there were too many. */
  readonly omitted: number
}

/**
 * A trace as a tree of at most `width` columns, from 32 on: what, where, when it began after the trace did, and for how long. Below
 * a span stands what was out of the ordinary with it, and below all which processes it went through. Ten and more equal spans below
 * another one are one line, unless `all` is asked for.
 */
export function renderTrace(trace: TraceView, width: number, all = false): string {
  const begunMs = [...trace.roots, ...trace.orphans].reduce((earliest, { startMs }) => Math.min(earliest, startMs), Infinity)
  const processes = processesOf(trace.resources)
  const layout = { ...layoutOf(width, begunMs, processes), all }
  const lines = trace.roots.flatMap((root) => renderSpan(root, layout, { level: 1, first: "", rest: "" }))
  const lost = trace.orphans.flatMap((orphan) => renderSpan(orphan, layout, { level: 1, first: "? ", rest: "  " }))
  const omitted = trace.omitted > 0 ? [`… and ${trace.omitted} more spans than one tree holds`] : []
  const began = Number.isFinite(begunMs) ? ` ${new Date(begunMs).toISOString()}` : ""
  return [...wrapped(`trace ${trace.traceId}${began}`, width), ...lines, ...lost, ...omitted, ...processLines(processes, width)].join("\n")
}

function processLines(processes: readonly Process[], width: number): readonly string[] {
  const named = processes.filter(({ instance }) => instance !== "").map(({ service, mark, instance }) => `${service}${mark}: ${instance}`)
  return named.length === 0 ? [] : wrapped(`in ${named.join(", ")}`, width)
}

interface Layout {
  readonly width: number
  readonly begunMs: number
  readonly processes: readonly Process[]
  readonly nameWidth: number
  /** 0 where there is no room for it. */
  readonly serviceWidth: number
  /** Whether each of many equal spans is shown. */
  readonly all: boolean
}

const timesWidth = 24

function layoutOf(width: number, begunMs: number, processes: readonly Process[]): Omit<Layout, "all"> {
  const serviceWidth = width < 60 ? 0 : 14
  return { width, begunMs, processes, serviceWidth, nameWidth: Math.max(8, width - timesWidth - serviceWidth) }
}

/** Where a span stands: how deep, what is ahead of it, and what is ahead of those below. */
interface Place {
  readonly level: number
  readonly first: string
  readonly rest: string
}

function renderSpan(span: SpanView, layout: Layout, place: Place, fold?: Fold): readonly string[] {
  const { level, first, rest } = place
  const { begunMs, nameWidth, serviceWidth, processes, all } = layout
  const mark = processes[span.resource]?.mark ?? ""
  const startMs = fold?.firstStartMs ?? span.startMs
  const durationMs = fold ? fold.lastEndMs - startMs : span.durationMs
  const times = `${(startMs - begunMs).toFixed(1)} +${durationMs.toFixed(1)} ms`.padStart(timesWidth - 1)
  const name = `${ahead(first, level, nameWidth / 2)}${span.failed ? "✗ " : ""}${fold ? `${fold.count} × ` : ""}${span.name}`
  const line = `${fit(name, nameWidth)}${serviceWidth === 0 ? "" : fit(`${fit(span.service, serviceWidth - mark.length).trimEnd()}${mark}`, serviceWidth)}${times}`
  const children = all ? span.children : folded(span.children)
  const below = children.flatMap((child, index) => {
    const isLast = index === children.length - 1
    const at = { level: level + 1, first: `${rest}${isLast ? "└ " : "├ "}`, rest: `${rest}${isLast ? "  " : "│ "}` }
    return "longest" in child ? renderSpan(child.longest, layout, at, child) : renderSpan(child, layout, at)
  })
  const remarks = [...(fold ? [remarkOnFold(fold, begunMs)] : []), remarkOn(span)].filter((remark) => remark !== "").join("; ")
  return [line, ...remarkLines(remarks, layout, { level: level + 1, first: `${rest}${children.length > 0 ? "│ " : "  "}`, rest }), ...below]
}

function remarkOnFold({ totalMs, longest }: Fold, begunMs: number): string {
  return `altogether ${totalMs.toFixed(1)} ms; the longest at ${(longest.startMs - begunMs).toFixed(1)} +${longest.durationMs.toFixed(1)} ms`
}

function remarkLines(remark: string, { width, nameWidth }: Layout, { level, first }: Place): readonly string[] {
  if (remark === "") return []
  const lines = ahead(first, level, nameWidth / 2)
  return wrapped(remark, width - lines.length - 2).map((text) => `${lines}  ${text}`)
}

// Half of the room belongs to the name: what is deeper has the number of its level in place of the tree's lines.
function ahead(lines: string, level: number, room: number): string {
  return lines.length <= room ? lines : `… ${level} `.padEnd(room - 2) + lines.slice(-2)
}
