import type { SpanRecord } from "./span.ts"

/** A span with those it caused, in the order in which they began. */
export interface SpanNode {
  readonly span: SpanRecord
  readonly children: readonly SpanNode[]
  /** In nanoseconds; 0 when the sender's clock went backwards. */
  readonly durationNs: bigint
  /** The part of `durationNs` in which none of the children ran. */
  readonly selfNs: bigint
}

export interface TraceTree {
  readonly traceId: string
  /** Spans without a parent, earliest first. */
  readonly roots: readonly SpanNode[]
  /** Spans whose parent is not (yet) known, with what hangs below them. */
  readonly orphans: readonly SpanNode[]
  /** Spans that are known and not in the tree: there were too many for one. */
  readonly omitted: number
}

interface Growing extends SpanNode {
  readonly children: Growing[]
  selfNs: bigint
}

/**
 * Joins the spans of one trace. Each span is in the tree once: of several with one id the last counts,
 * and spans that are each other's ancestors are cut open and count as orphans. Any depth is fine.
 */
export function treeOf(traceId: string, spans: readonly SpanRecord[], omitted = 0): TraceTree {
  const latest = new Map(spans.map((span) => [span.spanId, span]))
  const nodes = new Map([...latest.values()].toSorted(byStart).map((span) => [span.spanId, nodeOf(span)]))
  const roots: Growing[] = []
  const orphans: Growing[] = []
  for (const node of nodes.values()) {
    const { parentSpanId } = node.span
    if (parentSpanId === "") roots.push(node)
    else (nodes.get(parentSpanId)?.children ?? orphans).push(node)
  }
  cutCycles(nodes, roots, orphans)
  for (const node of nodes.values()) node.selfNs = node.durationNs - coveredNs(node)
  return { traceId, roots, orphans: orphans.toSorted((a, b) => byStart(a.span, b.span)), omitted }
}

function nodeOf(span: SpanRecord): Growing {
  const durationNs = span.endNs > span.startNs ? span.endNs - span.startNs : 0n
  return { span, children: [], durationNs, selfNs: durationNs }
}

function byStart(a: SpanRecord, b: SpanRecord): number {
  return a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : 0
}

// What no root and no orphan leads to hangs in a cycle; its earliest span becomes an orphan.
function cutCycles(nodes: ReadonlyMap<string, Growing>, roots: readonly Growing[], orphans: Growing[]): void {
  const reached = new Set<Growing>()
  reach([...roots, ...orphans], reached)
  for (const node of nodes.values()) {
    if (reached.has(node)) continue
    const siblings = nodes.get(node.span.parentSpanId)?.children ?? []
    siblings.splice(siblings.indexOf(node), 1)
    orphans.push(node)
    reach([node], reached)
  }
}

function reach(from: Growing[], reached: Set<Growing>): void {
  for (let node = from.pop(); node; node = from.pop()) {
    reached.add(node)
    for (const child of node.children) if (!reached.has(child)) from.push(child)
  }
}

// Children are in the order of their starts, so what has been covered always ends at one point.
function coveredNs({ span, children }: SpanNode): bigint {
  let covered = 0n
  let until = span.startNs
  for (const child of children) {
    const start = child.span.startNs > until ? child.span.startNs : until
    const end = child.span.endNs < span.endNs ? child.span.endNs : span.endNs
    if (end <= start) continue
    covered += end - start
    until = end
  }
  return covered
}
