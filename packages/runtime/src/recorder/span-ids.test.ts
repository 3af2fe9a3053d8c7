import { assert, property, stringMatching } from "fast-check"
import { expect, test } from "vitest"
import { formatTrace, newRootSpanIds, newSpanIds, parseSpanIds, parseTraceparent } from "./span-ids.ts"

test("ids are well-formed, not zero, and none comes twice", () => {
  const ids = Array.from({ length: 100_000 }, () => newRootSpanIds())
  expect(new Set(ids.map(({ traceId }) => traceId)).size).toBe(ids.length)
  expect(new Set(ids.map(({ spanId }) => spanId)).size).toBe(ids.length)
  for (const { traceId, spanId } of ids) {
    expect(traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/)
    expect(spanId).toMatch(/^(?!0{16})[0-9a-f]{16}$/)
  }
})

test("a span below another is in its trace and names it as its parent", () => {
  const parent = newRootSpanIds()
  const child = newSpanIds(parent)
  expect(child.traceId).toBe(parent.traceId)
  expect(child.spanId).not.toBe(parent.spanId)
  expect([child.parent0, child.parent1]).toEqual([parent.span0, parent.span1])
})

test("ids are the same after they have been text, also as a traceparent", () => {
  const traceId = stringMatching(/^[1-9a-f][0-9a-f]{31}$/)
  const spanId = stringMatching(/^[1-9a-f][0-9a-f]{15}$/)
  assert(
    property(traceId, spanId, (traceId, spanId) => {
      const ids = parseSpanIds(traceId, spanId)
      expect([ids.traceId, ids.spanId]).toEqual([traceId, spanId])
      const written = formatTrace(ids)
      expect([parseTraceparent(written.traceparent), written.traceId]).toEqual([ids, traceId])
    }),
  )
})

const [trace, span] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"]

test.each([
  `00-${trace}-${span}`,
  `00-${trace.toUpperCase()}-${span}-01`,
  `00-${"0".repeat(32)}-${span}-01`,
  `00-${trace}-${"0".repeat(16)}-01`,
  `ff-${trace}-${span}-01`,
  `00-${trace}-${span}-0g`,
  `00-${trace}-${span}-01x`,
  `00-${trace}-${span}-01-more`,
  "",
])("%o is no traceparent", (header) => {
  expect(parseTraceparent(header)).toBeUndefined()
})

test("a traceparent of a later version is understood as far as it is known", () => {
  expect(parseTraceparent(`01-${trace}-${span}-01-more`)).toMatchObject({ traceId: trace, spanId: span })
})
