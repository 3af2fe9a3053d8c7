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
  readonly children: readonly SpanView[]
}

export interface TraceView {
  readonly traceId: string
  readonly roots: readonly SpanView[]
  readonly orphans: readonly SpanView[]
}

/** A trace as a tree of at most `width` columns: what, where, when it began after the trace did, and for how long. */
export function renderTrace(trace: TraceView, width: number): string {
  const all = [...trace.roots, ...trace.orphans]
  const begunMs = Math.min(...all.map((span) => span.startMs))
  const lines = trace.roots.flatMap((root) => renderSpan(root, begunMs, width, "", ""))
  const lost = trace.orphans.flatMap((orphan) => renderSpan(orphan, begunMs, width, "? ", "  "))
  return [`trace ${trace.traceId}`, ...lines, ...lost].join("\n")
}

const timesWidth = 24
const serviceWidth = 14

function renderSpan(span: SpanView, begunMs: number, width: number, first: string, rest: string): readonly string[] {
  const times = `${(span.startMs - begunMs).toFixed(1)} +${span.durationMs.toFixed(1)} ms`.padStart(timesWidth - 1)
  const name = `${first}${span.failed ? "✗ " : ""}${span.name}`
  const nameWidth = Math.max(20, width - timesWidth - serviceWidth)
  const line = `${fit(name, nameWidth)}${fit(span.service, serviceWidth)}${times}`
  const below = span.children.flatMap((child, index) => {
    const isLast = index === span.children.length - 1
    return renderSpan(child, begunMs, width, `${rest}${isLast ? "└ " : "├ "}`, `${rest}${isLast ? "  " : "│ "}`)
  })
  return [line, ...below]
}

function fit(text: string, width: number): string {
  return text.length < width ? text.padEnd(width) : `${text.slice(0, width - 2)}… `
}
