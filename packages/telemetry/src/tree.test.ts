import { array, assert, constantFrom, integer, property, record } from "fast-check"
import { expect, test } from "vitest"
import { spanOf } from "./otlp/otlp.fixture.ts"
import type { SpanRecord } from "./span.ts"
import { treeOf } from "./tree.ts"
import type { SpanNode } from "./tree.ts"

const spans = array(
  record({
    spanId: constantFrom("1", "2", "3", "4", "5", "6"),
    parentSpanId: constantFrom("", "1", "2", "3", "4", "5", "6", "9"),
    startMs: integer({ min: 0, max: 20 }),
    durationMs: integer({ min: -5, max: 20 }),
  }).map(({ spanId, parentSpanId, startMs, durationMs }) => at(spanId, parentSpanId, startMs, durationMs)),
  { maxLength: 12 },
)

function at(spanId: string, parentSpanId: string, startMs: number, durationMs: number): SpanRecord {
  const startNs = BigInt(startMs + 1000)
  return spanOf({ spanId, parentSpanId, startNs, endNs: startNs + BigInt(durationMs) })
}

function all(nodes: readonly SpanNode[]): readonly SpanNode[] {
  return nodes.flatMap((node) => [node, ...all(node.children)])
}

test("every span is in the tree once, whatever its parents are", () => {
  assert(
    property(spans, (given) => {
      const { roots, orphans } = treeOf("t", given)
      const found = all([...roots, ...orphans]).map(({ span }) => span.spanId)
      expect(found.toSorted()).toEqual([...new Set(given.map(({ spanId }) => spanId))].toSorted())
    }),
  )
})

test("a child hangs below its parent, siblings are in the order of their starts, roots have no parent, orphans have one", () => {
  assert(
    property(spans, (given) => {
      const { roots, orphans } = treeOf("t", given)
      for (const { span, children } of all([...roots, ...orphans])) {
        for (const child of children) expect(child.span.parentSpanId).toBe(span.spanId)
        expectSorted(children)
      }
      for (const siblings of [roots, orphans]) expectSorted(siblings)
      expect(roots.every(({ span }) => span.parentSpanId === "")).toBe(true)
      expect(orphans.every(({ span }) => span.parentSpanId !== "")).toBe(true)
    }),
  )
})

test("a span's own time is what no child covers: counted moment by moment it is the same", () => {
  assert(
    property(spans, (given) => {
      const { roots, orphans } = treeOf("t", given)
      for (const { span, children, selfNs } of all([...roots, ...orphans])) {
        let alone = 0n
        for (let now = span.startNs; now < span.endNs; now++)
          if (!children.some((child) => child.span.startNs <= now && now < child.span.endNs)) alone++
        expect(selfNs).toBe(alone)
      }
    }),
  )
})

test("spans that are each other's ancestors become an orphan with the others below it", () => {
  const { roots, orphans } = treeOf("t", [at("1", "2", 3, 1), at("2", "1", 1, 9), at("3", "", 0, 1), at("4", "4", 5, 1)])
  expect(roots.map(({ span }) => span.spanId)).toEqual(["3"])
  expect(orphans.map(({ span }) => span.spanId)).toEqual(["2", "4"])
  expect(orphans[0]?.children.map(({ span }) => span.spanId)).toEqual(["1"])
})

test("a chain of a hundred thousand spans is no trouble", () => {
  const chain = Array.from({ length: 100_000 }, (_, index) => at(`${index}`, index === 0 ? "" : `${index - 1}`, index, 1))
  const { roots, orphans } = treeOf("t", chain)
  expect([roots.length, orphans.length]).toEqual([1, 0])
})

function expectSorted(nodes: readonly SpanNode[]): void {
  const starts = nodes.map(({ span }) => span.startNs)
  expect(starts).toEqual(starts.toSorted((a, b) => Number(a - b)))
}
