import { expect, test } from "vitest"
import { renderTrace } from "./render.ts"
import type { SpanView } from "./render.ts"

const span = (name: string, startMs: number, durationMs: number, more: Partial<SpanView> = {}): SpanView => ({
  name,
  service: "order",
  kind: "server",
  startMs,
  durationMs,
  failed: false,
  message: "",
  children: [],
  ...more,
})

test("a trace is a tree with its times, within 80 columns", () => {
  const child = span("inventory.reserve with a name that goes on for much longer than there is room", 1002, 3, {
    service: "inventory",
    failed: true,
  })
  const trace = {
    traceId: "abc",
    roots: [span("POST /orders", 1000, 8.25, { children: [child, span("COMMIT", 1006, 1)] })],
    orphans: [span("lost", 1001, 1)],
  }
  const text = renderTrace(trace, 80)
  expect(text.split("\n").every((line) => line.length <= 80)).toBe(true)
  expect(text).toMatchInlineSnapshot(`
    "trace abc
    POST /orders                              order                     0.0 +8.3 ms
    ├ ✗ inventory.reserve with a name that g… inventory                 2.0 +3.0 ms
    └ COMMIT                                  order                     6.0 +1.0 ms
    ? lost                                    order                     1.0 +1.0 ms"
  `)
})
