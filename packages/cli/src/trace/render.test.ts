import { expect, test } from "vitest"
import { renderTrace } from "./render.ts"
import type { SpanView } from "./render.ts"

const span = (name: string, startMs: number, durationMs: number, more: Partial<SpanView> = {}): SpanView => ({
  name,
  service: "order",
  kind: "server",
  resource: 0,
  startMs,
  durationMs,
  failed: false,
  message: "",
  attributes: {},
  events: [],
  children: [],
  ...more,
})

test("a trace is a tree with its times, within 80 columns, and what it has no room for is counted", () => {
  const child = span("inventory.reserve with a name that goes on for much longer than there is room", 1002, 3, {
    service: "inventory",
    failed: true,
  })
  const trace = {
    traceId: "abc",
    resources: [],
    roots: [span("POST /orders", 1000, 8.25, { children: [child, span("COMMIT", 1006, 1)] })],
    orphans: [span("lost", 1001, 1)],
    omitted: 7,
  }
  const text = renderTrace(trace, 80)
  expect(text.split("\n").every((line) => line.length <= 80)).toBe(true)
  expect(text).toMatchInlineSnapshot(`
    "trace abc 1970-01-01T00:00:01.000Z
    POST /orders                              order                     0.0 +8.3 ms
    ├ ✗ inventory.reserve with a name that g… inventory                 2.0 +3.0 ms
    └ COMMIT                                  order                     6.0 +1.0 ms
    ? lost                                    order                     1.0 +1.0 ms
    … and 7 more spans than one tree holds"
  `)
})

test("names from elsewhere stay in their line, and do nothing to the terminal", () => {
  const roots = [span("GET /\u001b[2J\nfake", 1000, 1, { service: "\u001b]0;owned\u0007" })]
  expect(renderTrace({ traceId: "abc", resources: [], roots, orphans: [], omitted: 0 }, 80)).toBe(
    `trace abc 1970-01-01T00:00:01.000Z\n${"GET /�[2J fake".padEnd(42)}${"�]0;owned�".padEnd(14)}            0.0 +1.0 ms`,
  )
})

test("attributes of which no text can be made are shown as JSON, and take no trace from the others", () => {
  // As it is read from an answer.
  const odd: unknown = JSON.parse('{"toString":1,"__proto__":null}')
  const names = ["hanok.queued_ms", "hanok.attempts", "hanok.hedged", "hanok.breaker", "hanok.refusal"]
  const attributes = Object.fromEntries(names.map((name) => [name, odd]))
  const failed = { failed: true, attributes: { "http.response.status_code": odd } }
  const roots = [span("odd", 1000, 1, { attributes }), span("odder", 1001, 1, failed), span("fine", 1002, 1)]
  const text = renderTrace({ traceId: "abc", resources: [], roots, orphans: [], omitted: 0 }, 200)
  expect(text).toContain('NaN attempts; hedged: {"toString":1,"__proto__":null}; breaker {"toString":1,"__proto__":null}; refused: {')
  expect(text).toContain('status {"toString":1,"__proto__":null}\nfine ')
})

test("however deep it is, a span has its name, and is told from those above it", () => {
  const deepest = Array.from({ length: 40 }, (_, index) => 40 - index)
  const root = deepest.reduce<SpanView | undefined>((below, level) => {
    return span(`call ${level}`, 1000, 1, { children: below ? [below] : [] })
  }, undefined)
  const lines = renderTrace({ traceId: "abc", resources: [], roots: root ? [root] : [], orphans: [], omitted: 0 }, 80).split("\n")
  expect(lines.map((line) => /call \d+/.exec(line)?.[0])).toEqual([undefined, ...deepest.toReversed().map((level) => `call ${level}`)])
  expect(lines[11]?.slice(0, 42).trimEnd()).toBe(`${" ".repeat(18)}└ call 11`)
  expect(lines[12]?.slice(0, 42).trimEnd()).toBe(`… 12               └ call 12`)
})

test("a narrow terminal shows names and times, without services", () => {
  const root = span("POST /orders", 1000, 8.25, { children: [span("inventory.reserve", 1002, 3)] })
  expect(renderTrace({ traceId: "abc", resources: [], roots: [root], orphans: [], omitted: 0 }, 40)).toBe(
    "trace abc 1970-01-01T00:00:01.000Z\nPOST /orders                0.0 +8.3 ms\n└ inventory.re…             2.0 +3.0 ms",
  )
})

test("a trace may have any number of spans", () => {
  const orphans = Array.from({ length: 130_000 }, (_, index) => span("lost", 1000 + index, 1))
  expect(renderTrace({ traceId: "abc", resources: [], roots: [], orphans, omitted: 0 }, 80).split("\n").length).toBe(130_001)
})

test("below a span stands what was out of the ordinary, and why it failed where it began", () => {
  const why = "A connection to inventory was lost before the reply: the peer went away, and nobody knows whether it was begun."
  const failing = {
    failed: true,
    message: why,
    attributes: { "error.type": "UNAVAILABLE", "hanok.attempts": 4, "hanok.over_budget": true },
  }
  const reserve = span("inventory.reserve", 1002, 3, failing)
  const place = span("order.placeOrder", 1001, 5, { failed: true, message: why, children: [reserve, span("COMMIT", 1006, 1)] })
  const late = span("stock.take", 1003, 1, {
    attributes: { "hanok.queued_ms": 12.34, "hanok.passed_on": "stock", "hanok.refusal": "SOLD_OUT", "hanok.repeated": true },
  })
  const text = renderTrace(
    { traceId: "abc", resources: [], roots: [span("POST /orders", 1000, 8.25, { children: [place, late] })], orphans: [], omitted: 0 },
    80,
  )
  expect(text.split("\n").every((line) => line.length <= 80)).toBe(true)
  expect(text).toMatchInlineSnapshot(`
    "trace abc 1970-01-01T00:00:01.000Z
    POST /orders                              order                     0.0 +8.3 ms
    ├ ✗ order.placeOrder                      order                     1.0 +5.0 ms
    │ ├ ✗ inventory.reserve                   order                     2.0 +3.0 ms
    │ │     4 attempts; not repeated: the budget was used up; UNAVAILABLE: A
    │ │     connection to inventory was lost before the reply: the peer went away,
    │ │     and nobody knows whether it was begun.
    │ └ COMMIT                                order                     6.0 +1.0 ms
    └ stock.take                              order                     3.0 +1.0 ms
          done before, answered again; waited 12.3 ms for room; passed on to stock;
          refused: SOLD_OUT"
  `)
})

test("of many equal spans there is one line, with their sum and the longest, wherever they stand between others", () => {
  const children = Array.from({ length: 300 }, (_, index) => [
    span("inventory.stock", 1000 + index, index === 200 ? 4 : 0.5, { children: [span("SELECT stock", 1000 + index, 0.25)] }),
    span(`order.line ${index % 60}`, 1000 + index, 0.1),
  ]).flat()
  const failed = span("inventory.stock", 1400, 1, { failed: true, attributes: { "error.type": "UNAVAILABLE" }, message: "It is away." })
  const roots = [span("POST /orders", 1000, 500, { children: [...children, failed] })]
  const trace = { traceId: "abc", resources: [], roots, orphans: [], omitted: 0 }
  const lines = renderTrace(trace, 80).split("\n")
  expect([...lines.slice(1, 6), ...lines.slice(-2)].join("\n")).toMatchInlineSnapshot(`
    "POST /orders                              order                   0.0 +500.0 ms
    ├ 300 × inventory.stock                   order                   0.0 +299.5 ms
    │ │   altogether 153.5 ms; the longest at 200.0 +4.0 ms
    │ └ SELECT stock                          order                   200.0 +0.3 ms
    ├ order.line 0                            order                     0.0 +0.1 ms
    └ ✗ inventory.stock                       order                   400.0 +1.0 ms
          UNAVAILABLE: It is away."
  `)
  expect(lines.length).toBe(1 + 1 + 3 + 300 + 2)
  expect(renderTrace(trace, 80, true).split("\n").length).toBe(1 + 1 + 300 * 3 + 2)
})

test("why a span of another program failed is told by what it recorded, where its status has no message", () => {
  const failed = (name: string, more: Partial<SpanView>) => span(name, 1000, 1, { failed: true, ...more })
  const exception = (type: string, message: string) => ({
    name: "exception",
    at: "1970-01-01T00:00:01.000000000Z",
    attributes: { "exception.type": type, "exception.message": message, "exception.stacktrace": "at a\nat b" },
  })
  const children = [
    failed("thrown", { events: [exception("java.io.IOException", "try 1"), exception("java.io.IOException", "no route\nto host")] }),
    failed("typed", { attributes: { "error.type": "ValueError" }, events: [exception("ValueError", "not a date")] }),
    failed("answered", { attributes: { "http.response.status_code": 503 } }),
    failed("answered long ago", { attributes: { "http.status_code": 502 } }),
    failed("answered by gRPC", { attributes: { "rpc.grpc.status_code": 14 } }),
    failed("told by its status", { message: "sold out", events: [exception("Error", "sold out")] }),
    failed("telling nothing", { events: [{ ...exception("", ""), attributes: {} }] }),
  ]
  const root = failed("GET /", { attributes: { "http.response.status_code": 500 }, children })
  expect(renderTrace({ traceId: "abc", resources: [], roots: [root], orphans: [], omitted: 0 }, 80)).toMatchInlineSnapshot(`
    "trace abc 1970-01-01T00:00:01.000Z
    ✗ GET /                                   order                     0.0 +1.0 ms
    │   status 500
    ├ ✗ thrown                                order                     0.0 +1.0 ms
    │     java.io.IOException: no route to host
    ├ ✗ typed                                 order                     0.0 +1.0 ms
    │     ValueError: not a date
    ├ ✗ answered                              order                     0.0 +1.0 ms
    │     status 503
    ├ ✗ answered long ago                     order                     0.0 +1.0 ms
    │     status 502
    ├ ✗ answered by gRPC                      order                     0.0 +1.0 ms
    │     gRPC status 14
    ├ ✗ told by its status                    order                     0.0 +1.0 ms
    │     sold out
    └ ✗ telling nothing                       order                     0.0 +1.0 ms"
  `)
})

test("of those that waited for a failure each is told as it failed, when it was in another way", () => {
  const call = span("GET stock", 1001, 1, { failed: true, attributes: { "error.type": "503" } })
  const asWell = span("load stock", 1001, 1, { failed: true, attributes: { "error.type": "503" }, children: [call] })
  const root = span("GET /", 1000, 3, { failed: true, attributes: { "error.type": "500" }, children: [asWell] })
  expect(renderTrace({ traceId: "abc", resources: [], roots: [root], orphans: [], omitted: 0 }, 80)).toMatchInlineSnapshot(`
    "trace abc 1970-01-01T00:00:01.000Z
    ✗ GET /                                   order                     0.0 +3.0 ms
    │   500
    └ ✗ load stock                            order                     1.0 +1.0 ms
      └ ✗ GET stock                           order                     1.0 +1.0 ms
            503"
  `)
})

test("where a call was tried more than once, what it cost is told: where an attempt failed, when and why, unless that stands below", () => {
  const failed = (at: string, type: string, message: string) => ({
    name: "hanok.attempt_failed",
    at: `1970-01-01T00:00:0${at}00000Z`,
    attributes: { "error.type": type, "error.message": message, "hanok.replica": "10.0.0.7:7000" },
  })
  const silent = failed(
    "4.7203",
    "UNAVAILABLE",
    "The connection to stock at 10.0.0.7:7000 was lost before the reply: it was silent for 3720 ms.",
  )
  const shed = failed("4.7609", "OVERLOADED", "There is a queue.")
  const below = { service: "stock", failed: true, message: "There is a queue." }
  const children = [span("stock.take", 4758, 1, below), span("stock.take", 4800, 5, { service: "stock" })]
  const root = span("stock.take", 1000, 3806, { attributes: { "hanok.attempts": 3 }, events: [silent, shed], children })
  expect(renderTrace({ traceId: "abc", resources: [], roots: [root], orphans: [], omitted: 0 }, 80)).toMatchInlineSnapshot(`
    "trace abc 1970-01-01T00:00:01.000Z
    stock.take                                order                  0.0 +3806.0 ms
    │   3 attempts; 10.0.0.7:7000 failed after 3720.0 ms: UNAVAILABLE: The
    │   connection to stock at 10.0.0.7:7000 was lost before the reply: it was
    │   silent for 3720 ms.
    ├ ✗ stock.take                            stock                  3758.0 +1.0 ms
    │     There is a queue.
    └ stock.take                              stock                  3800.0 +5.0 ms"
  `)
})

test("which process each span was of is told, by number where a trace went through several of one service", () => {
  const resource = (service: string, instance: string) => ({ "service.name": service, "service.instance.id": instance, pid: 7 })
  const resources = [
    resource("order", "a-1-f00d"),
    resource("stock", "b-2-cafe"),
    { "service.name": "mail" },
    resource("stock", "b-3-\u001bbeef"),
  ]
  const at = (service: string, place: number) => ({ service, resource: place })
  const children = [
    span("stock.take", 1001, 1, at("stock", 1)),
    span("stock.take", 1002, 100, at("stock", 3)),
    span("MAIL", 1103, 1, at("mail", 2)),
  ]
  const trace = { traceId: "abc", resources, roots: [span("POST /orders", 1000, 108, { children })], orphans: [], omitted: 0 }
  expect(renderTrace(trace, 80)).toMatchInlineSnapshot(`
    "trace abc 1970-01-01T00:00:01.000Z
    POST /orders                              order                   0.0 +108.0 ms
    ├ stock.take                              stock 1                   1.0 +1.0 ms
    ├ stock.take                              stock 2                 2.0 +100.0 ms
    └ MAIL                                    mail                    103.0 +1.0 ms
    in order: a-1-f00d, stock 1: b-2-cafe, stock 2: b-3-�beef"
  `)
})
