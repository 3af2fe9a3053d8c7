import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { collectMetrics } from "./metrics.ts"
import type { ServiceMetrics } from "./metrics.ts"
import { prometheusText } from "./prometheus.ts"
import { SeamState } from "./seam-state.ts"

const load = { inFlight: 0, limit: 128, queued: 0, utilisation: 0, eventLoopDelayMs: 0 }

test("no series comes twice, also when several services are told of a module's events", () => {
  const services = ["billing", "shipping"].map((service) => {
    const state = new SeamState("order", "order", 0)
    state.calls += 1
    return { service, states: [state], replicas: [] }
  })
  const lines = prometheusText(
    collectMetrics({ load, spansDropped: 0, logLinesDropped: 0, connectionsHeld: 0, gates: {}, modules: [], services }),
  )
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
  const series = lines.map((line) => line.slice(0, line.lastIndexOf(" ")))
  expect(series).toHaveLength(new Set(series).size)
})

/** One of everything. */
const metrics: ServiceMetrics = {
  load,
  spansDropped: 0,
  logLinesDropped: 0,
  connectionsHeld: 0,
  gates: [
    { gate: "seam", ...load, admitted: 1, late: 0, rateLimited: 0, shed: { low: 1, normal: 0, high: 0 }, compartments: { order: 1 } },
  ],
  modules: [
    {
      module: "order",
      repeated: 0,
      deliveries: { delivered: 1, failed: 0, postponed: 0, parked: 0 },
      reactions: [{ event: "orderPlaced", subscriber: "stock", limit: 24, lagMs: 0 }],
      jobs: [{ job: "expire", done: 1, failed: 0 }],
    },
  ],
  seams: [
    {
      caller: "order",
      contract: "stock",
      service: "stock",
      calls: 1,
      failures: { UNAVAILABLE: 1 },
      passedOn: 0,
      waited: 0,
      retries: 0,
      hedges: 0,
      hedgesWon: 0,
      overBudget: 0,
      stoppedByBreaker: 0,
      budgetLeft: 10,
      breakers: { "10.0.0.7:7000": "closed" },
    },
  ],
  replicas: [
    {
      service: "stock",
      replica: "10.0.0.7:7000",
      isReady: true,
      isEjected: false,
      inFlight: 0,
      latencyMs: 1,
      recentCalls: 1,
      recentFailures: 0,
    },
  ],
}

test("the guide lists each metric with its labels, and no other", () => {
  const told = prometheusText(metrics).matchAll(/^(hanok_\w+)(?:\{(.*)\})? /gm)
  const labelled = Array.from(told, ([, name, labels = ""]) => `${name} ${labels.replaceAll(/="[^"]*"/g, "")}`)
  const guide = readFileSync(new URL("../../../../docs/concepts/resilience.md", import.meta.url), "utf8")
  const rows = guide.slice(guide.indexOf("| labels ")).split("\n\n", 1)[0]?.split("\n").slice(2) ?? []
  const listed = rows.flatMap((row) => {
    const [, labels = "", , names = ""] = row.split("|")
    return Array.from(names.matchAll(/`(\w+)`/g), ([, name]) => `${name} ${labels.replaceAll(/[` ]/g, "")}`)
  })
  expect(listed.toSorted()).toEqual([...new Set(labelled)].toSorted())
  for (const [name] of guide.matchAll(/hanok_(?:gate|seam|replica|reaction)_\w+/g)) expect(listed.join()).toContain(name)
})
