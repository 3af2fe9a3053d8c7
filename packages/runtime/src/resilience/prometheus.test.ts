import { expect, test } from "vitest"
import { collectMetrics } from "./metrics.ts"
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
