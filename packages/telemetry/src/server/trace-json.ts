import type { LogRecord } from "../log-record.ts"
import type { SpanRecord } from "../span.ts"
import { timeOf } from "../time.ts"
import type { SpanNode, TraceTree } from "../tree.ts"

/** A trace as the API answers it. */
export interface TraceJson {
  readonly traceId: string
  /** What its spans are of, which is which process and where: the attributes of OpenTelemetry's resources, each once. */
  readonly resources: readonly SpanRecord["resource"][]
  readonly roots: readonly SpanJson[]
  readonly orphans: readonly SpanJson[]
  /** Spans that are known and not told of: there were too many. */
  readonly omitted: number
}

export interface SpanJson extends Omit<SpanRecord, "startNs" | "endNs" | "events" | "resource"> {
  /** Its place among the trace's `resources`. */
  readonly resource: number
  /** ISO 8601, to the nanosecond. */
  readonly startedAt: string
  /** Milliseconds since the epoch, to the microsecond. */
  readonly startMs: number
  readonly durationMs: number
  /** The part of `durationMs` in which none of the children ran. */
  readonly selfMs: number
  readonly events: readonly EventJson[]
  readonly children: readonly SpanJson[]
}

export interface EventJson extends Omit<SpanRecord["events"][number], "timeNs"> {
  /** ISO 8601, to the nanosecond. */
  readonly at: string
}

export interface LogJson extends Omit<LogRecord, "timeNs"> {
  /** ISO 8601, to the nanosecond. */
  readonly at: string
}

/** Spans nested deeper than that stand side by side on the last level: neither writers nor readers of JSON like it deeper. */
const deepestLevel = 200

export function traceJson({ traceId, roots, orphans, omitted }: TraceTree): TraceJson {
  const resources = new Resources()
  const shown = (nodes: readonly SpanNode[]) => nodes.map((node) => spanJson(node, 1, resources))
  return { traceId, roots: shown(roots), orphans: shown(orphans), omitted, resources: resources.list }
}

/** Each once. */
class Resources {
  readonly list: SpanRecord["resource"][] = []
  readonly #places = new Map<string, number>()

  placeOf(resource: SpanRecord["resource"]): number {
    const text = JSON.stringify(resource)
    const place = this.#places.get(text) ?? this.list.push(resource) - 1
    this.#places.set(text, place)
    return place
  }
}

function spanJson(node: SpanNode, level: number, resources: Resources): SpanJson {
  const { startNs, endNs: _, events, ...rest } = node.span
  // Before those below: resources are in the order in which the trace came to them.
  const resource = resources.placeOf(node.span.resource)
  const children = level < deepestLevel ? node.children.map((child) => spanJson(child, level + 1, resources)) : []
  return {
    ...rest,
    resource,
    startedAt: timeOf(startNs),
    startMs: Number(startNs / 1000n) / 1000,
    durationMs: Number(node.durationNs) / 1e6,
    selfMs: Number(node.selfNs) / 1e6,
    events: events.map(({ timeNs, name, attributes }) => ({ name, at: timeOf(timeNs), attributes })),
    children:
      level === deepestLevel - 1 ? children.flatMap((child, index) => [child, ...belowOf(node.children[index], resources)]) : children,
  }
}

function belowOf(node: SpanNode | undefined, resources: Resources): readonly SpanJson[] {
  const below: SpanJson[] = []
  const left = [...(node?.children ?? [])].toReversed()
  for (let next = left.pop(); next; next = left.pop()) {
    below.push(spanJson(next, deepestLevel, resources))
    // One by one: a call takes only so many arguments.
    for (const child of next.children.toReversed()) left.push(child)
  }
  return below
}

export function logJson({ timeNs, ...rest }: LogRecord): LogJson {
  return { ...rest, at: timeOf(timeNs) }
}
