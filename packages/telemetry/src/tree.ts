import type { SpanRecord } from "./span.ts"

/** A span with those it caused, in the order in which they began. */
export interface SpanNode {
  readonly span: SpanRecord
  readonly children: readonly SpanNode[]
}

export interface TraceTree {
  readonly traceId: string
  /** Spans without a parent, earliest first. */
  readonly roots: readonly SpanNode[]
  /** Spans whose parent is not (yet) known, with what hangs below them. */
  readonly orphans: readonly SpanNode[]
}

/**
 * Joins the spans of one trace. Each span is in the tree once: a second one with the same id is dropped,
 * and spans that are each other's ancestors are cut open and count as orphans.
 */
export function treeOf(traceId: string, spans: readonly SpanRecord[]): TraceTree {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const inOrder = [...byId.values()].toSorted((a, b) => Number(a.startNs - b.startNs))
  const childrenOf = Map.groupBy(inOrder, (span) => span.parentSpanId)
  const placed = new Set<string>()
  const nodeOf = (span: SpanRecord): SpanNode => {
    placed.add(span.spanId)
    const children = (childrenOf.get(span.spanId) ?? []).filter((child) => !placed.has(child.spanId))
    return { span, children: children.map(nodeOf) }
  }
  const roots = inOrder.filter((span) => span.parentSpanId === "").map(nodeOf)
  const lost = inOrder.filter((span) => span.parentSpanId !== "" && !byId.has(span.parentSpanId)).map(nodeOf)
  const inCycles = inOrder.flatMap((span) => (placed.has(span.spanId) ? [] : [nodeOf(span)]))
  return { traceId, roots, orphans: [...lost, ...inCycles] }
}
