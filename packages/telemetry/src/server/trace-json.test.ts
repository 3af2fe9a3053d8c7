import { expect, test } from "vitest"
import { spanOf } from "../otlp/otlp.fixture.ts"
import { treeOf } from "../tree.ts"
import { traceJson } from "./trace-json.ts"

const id = (number: number) => (number + 1).toString(16).padStart(16, "0")

test("more spans below one, far down, than a function takes arguments stand side by side", () => {
  const chain = Array.from({ length: 301 }, (_, index) => spanOf({ spanId: id(index), parentSpanId: index === 0 ? "" : id(index - 1) }))
  const fan = Array.from({ length: 200_000 }, (_, index) => spanOf({ spanId: id(1000 + index), parentSpanId: id(300) }))
  const text = JSON.stringify(traceJson(treeOf("a".repeat(32), [...chain, ...fan])))
  expect(text.match(/"spanId"/g)).toHaveLength(200_301)
})

test("of which process each span is can be told, and what spans of one process share is there once, in the order of the trace", () => {
  const of = (instance: string) => ({ "service.name": "stock", "service.instance.id": instance, list: [1] })
  const above = (index: number) => (index === 0 ? "" : id(index - 1))
  const spans = ["a", "b", "a"].map((name, index) => spanOf({ spanId: id(index), parentSpanId: above(index), resource: of(name) }))
  const { resources, roots } = traceJson(treeOf("a".repeat(32), spans))
  expect(resources).toEqual([of("a"), of("b")])
  expect(roots).toMatchObject([{ resource: 0, children: [{ resource: 1, children: [{ resource: 0 }] }] }])
})
