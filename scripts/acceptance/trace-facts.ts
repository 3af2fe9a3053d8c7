import { setTimeout as sleep } from "node:timers/promises"

export interface TraceFacts {
  readonly roots: number
  /** Spans whose parent never came. */
  readonly orphans: number
  readonly spans: number
  /** In alphabetical order. */
  readonly services: readonly string[]
}

interface Span {
  readonly service: string
  readonly children: readonly Span[]
}

const pauseMs = 200
const longestWaitMs = 30_000
const nothing: TraceFacts = { roots: 0, orphans: 0, spans: 0, services: [] }

/**
 * What is known of a trace, once nothing is missing and nothing more comes; what there is when that takes too long. Each process sends
 * its spans when it gets to it, and that nothing is missing is known only of as many services as are to be in it.
 */
export async function traceFacts(telemetryUrl: string, traceId: string, fewestServices = 1): Promise<TraceFacts> {
  const until = performance.now() + longestWaitMs
  let last = nothing
  for (;;) {
    const facts = await look(telemetryUrl, traceId)
    const isWhole = facts.roots === 1 && facts.orphans === 0 && facts.services.length >= fewestServices && facts.spans === last.spans
    if (isWhole || performance.now() > until) return facts
    last = facts
    await sleep(pauseMs)
  }
}

async function look(telemetryUrl: string, traceId: string): Promise<TraceFacts> {
  const response = await fetch(`${telemetryUrl}/api/traces/${traceId}`)
  if (!response.ok) return nothing
  // The answer of the telemetry server of this version.
  const { roots, orphans } = (await response.json()) as { roots: readonly Span[]; orphans: readonly Span[] }
  const all = [...roots, ...orphans].flatMap(flatten)
  return {
    roots: roots.length,
    orphans: orphans.length,
    spans: all.length,
    services: [...new Set(all.map(({ service }) => service))].toSorted(),
  }
}

function flatten(span: Span): readonly Span[] {
  return [span, ...span.children.flatMap(flatten)]
}
