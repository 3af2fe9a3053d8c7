import { fit, harmless, wrapped } from "../terminal-text.ts"
import { remarkOn } from "./remark.ts"

/** A span as the telemetry server tells of it. */
export interface SpanView {
  readonly name: string
  readonly service: string
  readonly kind: string
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
  readonly roots: readonly SpanView[]
  readonly orphans: readonly SpanView[]
  /** Spans that the server did not tell of: there were too many. */
  readonly omitted: number
}

/**
 * A trace as a tree of at most `width` columns, from 32 on: what, where, when it began after the trace did, and for how long. Below
 * a span stands what was out of the ordinary with it.
 */
export function renderTrace(trace: TraceView, width: number): string {
  const begunMs = [...trace.roots, ...trace.orphans].reduce((earliest, { startMs }) => Math.min(earliest, startMs), Infinity)
  const layout = layoutOf(width, begunMs)
  const lines = trace.roots.flatMap((root) => renderSpan(root, layout, { level: 1, first: "", rest: "" }))
  const lost = trace.orphans.flatMap((orphan) => renderSpan(orphan, layout, { level: 1, first: "? ", rest: "  " }))
  const omitted = trace.omitted > 0 ? [`… and ${trace.omitted} more spans than one tree holds`] : []
  return [`trace ${harmless(trace.traceId)}`, ...lines, ...lost, ...omitted].join("\n")
}

interface Layout {
  readonly width: number
  readonly begunMs: number
  readonly nameWidth: number
  /** 0 where there is no room for it. */
  readonly serviceWidth: number
}

const timesWidth = 24

function layoutOf(width: number, begunMs: number): Layout {
  const serviceWidth = width < 60 ? 0 : 14
  return { width, begunMs, serviceWidth, nameWidth: Math.max(8, width - timesWidth - serviceWidth) }
}

/** Where a span stands: how deep, what is ahead of it, and what is ahead of those below. */
interface Place {
  readonly level: number
  readonly first: string
  readonly rest: string
}

function renderSpan(span: SpanView, layout: Layout, { level, first, rest }: Place): readonly string[] {
  const { begunMs, nameWidth, serviceWidth } = layout
  const times = `${(span.startMs - begunMs).toFixed(1)} +${span.durationMs.toFixed(1)} ms`.padStart(timesWidth - 1)
  const name = `${ahead(first, level, nameWidth / 2)}${span.failed ? "✗ " : ""}${span.name}`
  const line = `${fit(name, nameWidth)}${serviceWidth === 0 ? "" : fit(span.service, serviceWidth)}${times}`
  const below = span.children.flatMap((child, index) => {
    const isLast = index === span.children.length - 1
    return renderSpan(child, layout, { level: level + 1, first: `${rest}${isLast ? "└ " : "├ "}`, rest: `${rest}${isLast ? "  " : "│ "}` })
  })
  return [
    line,
    ...remarkLines(span, layout, { level: level + 1, first: `${rest}${span.children.length > 0 ? "│ " : "  "}`, rest }),
    ...below,
  ]
}

function remarkLines(span: SpanView, { width, nameWidth }: Layout, { level, first }: Place): readonly string[] {
  const remark = remarkOn(span)
  if (remark === "") return []
  const lines = ahead(first, level, nameWidth / 2)
  return wrapped(remark, width - lines.length - 2).map((text) => `${lines}  ${text}`)
}

// Half of the room belongs to the name: what is deeper has the number of its level in place of the tree's lines.
function ahead(lines: string, level: number, room: number): string {
  return lines.length <= room ? lines : `… ${level} `.padEnd(room - 2) + lines.slice(-2)
}
