import {
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  double,
  integer,
  letrec,
  oneof,
  option,
  property,
  record,
  string,
  tuple,
  uniqueArray,
} from "fast-check"
import type { Arbitrary } from "fast-check"
import { expect, test } from "vitest"
import { createJsonEncoder } from "./encode-json.ts"
import { createProtobufEncoder } from "./encode-spans.ts"
import { readSpans } from "./read-protobuf.fixture.ts"
import type { RecordedAttributes, RecordedValue } from "./recorded-value.ts"
import { SpanRing } from "./ring.ts"
import { OwnAttributes } from "./own-attributes.ts"
import { ownScope } from "./span-details.ts"
import { newRootSpanIds, SpanIds } from "./span-ids.ts"
import { SpanTemplate } from "./span-template.ts"

const text = oneof(string(), string({ unit: "grapheme", maxLength: 300 }), constantFrom("POST", "x".repeat(127), "x".repeat(128)))
const value = letrec<{ value: RecordedValue }>((tie) => ({
  value: oneof(
    { maxDepth: 2 },
    text,
    boolean(),
    constant(null),
    integer(),
    integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    // JSON has no -0.
    double().map((number) => number + 0),
    array(tie("value"), { maxLength: 3 }),
    dictionary(string(), tie("value"), { maxKeys: 3 }),
  ),
})).value
const shared = [
  SpanTemplate.shared("order.quote", { "rpc.method": "order.quote", tries: 3 }),
  SpanTemplate.shared("é", { "": "é" }),
  // Lengths of one byte and of more, one within the other.
  ...[112, 118, 123, 128].map((length) =>
    SpanTemplate.shared("long", { a: "x".repeat(length), list: ["a", { b: "é".repeat(length / 2) }] }),
  ),
]
const attributes: Arbitrary<RecordedAttributes> = dictionary(text, value, { maxKeys: 4 })
const word = integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
// Whole quarters of a millisecond: JSON's own arithmetic rounds others in another way.
const timeMs = integer({ min: 0, max: 16_000_000_000_000 }).map((quarters) => quarters / 4)
const count = constantFrom(0, 1, 300)
const details = record({
  scope: constantFrom(ownScope, { name: "pg", version: "8" }),
  events: array(record({ name: text, timeMs, attributes }), { maxLength: 2 }),
  links: array(
    record({
      traceId: word.map((at) => new SpanIds(1, at, 3, 4, 5, 6, 7, 8).traceId),
      spanId: word.map((at) => new SpanIds(1, 2, 3, 4, 5, at, 7, 8).spanId),
      attributes,
    }),
    { maxLength: 2 },
  ),
  dropped: record({ attributes: count, events: count, links: count }),
})
const span = record({
  words: array(word, { minLength: 8, maxLength: 8 }),
  isRoot: boolean(),
  template: oneof(
    constantFrom(...shared),
    tuple(text, option(attributes, { nil: undefined })).map(([name, its]) => SpanTemplate.single(name, its)),
  ),
  kind: constantFrom("internal", "server", "client", "producer", "consumer"),
  startMs: timeMs,
  endMs: timeMs,
  own: option(
    tuple(
      constantFrom(OwnAttributes.shared, OwnAttributes.single),
      uniqueArray(tuple(text, value), { selector: ([name]) => name, maxLength: 3 }),
    ).map(([own, pairs]) => own(pairs.flat())),
    { nil: undefined },
  ),
  error: option(text, { nil: undefined }),
  details: option(details, { nil: undefined }),
})

test("protobuf says of any spans what JSON says, batch after batch, however they come in", () => {
  const resource = { "service.name": "order" }
  const [protobuf, json] = [createProtobufEncoder(resource), createJsonEncoder(resource)]
  const batch = array(array(span, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 })
  const say = property(batch, (parts) => {
    for (const part of parts) {
      const ring = ringOf(part)
      protobuf.add(ring, part.length, 0)
      json.add(ring, part.length, 0)
    }
    expect(readSpans(protobuf.finish())).toEqual(withoutAbsence(JSON.parse(Buffer.from(json.finish()).toString())))
  })
  assert(say, { numRuns: 300 })
})

test("a batch of any size says how long it is", () => {
  const encoder = createProtobufEncoder({})
  const single = SpanTemplate.single("span", undefined)
  const templates = Array.from({ length: 300 }, (_, index) => SpanTemplate.shared(`span ${index}`))
  for (const count of [1, 80, 200, 10_000, 40_000]) {
    const ring = new SpanRing(count)
    const ids = new SpanIds(1, 2, 3, 4, 5, 6, 0, 0)
    for (let index = 0; index < count; index++) ring.push(ids, templates[index % 500] ?? single, "internal", 1, 2, undefined, undefined)
    encoder.add(ring, count, 0)
    const { resourceSpans } = readSpans(encoder.finish()) as { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] }
    expect(resourceSpans[0]?.scopeSpans[0]?.spans).toHaveLength(count)
  }
})

test("what becomes of attributes after a shared template was made is not told", () => {
  const encoder = createProtobufEncoder({})
  const counted = { count: 1 }
  const template = SpanTemplate.shared("again", counted)
  counted.count = 2
  const ring = new SpanRing(1)
  ring.push(new SpanIds(1, 2, 3, 4, 5, 6, 0, 0), template, "internal", 1, 2, undefined, undefined)
  encoder.add(ring, 1, 0)
  expect(JSON.stringify(readSpans(encoder.finish()))).toContain(`{"intValue":"1"}`)
})

test("what spans share takes no more room than protobuf needs for it", () => {
  const encoder = createProtobufEncoder({})
  const ring = new SpanRing(1)
  ring.push(new SpanIds(1, 2, 3, 4, 5, 6, 0, 0), SpanTemplate.shared("s", { name: "v" }), "internal", 1, 2, undefined, undefined)
  encoder.add(ring, 1, 0)
  // Of a span the name (5), the kind (6) and the attributes (9), each with the length of what follows.
  const text = ["2a01", hex("s"), "3001", "4a0b", "0a04", hex("name"), "1203", "0a01", hex("v")].join("")
  expect(Buffer.from(encoder.finish()).toString("hex")).toContain(text)
})

const hex = (ascii: string) => Buffer.from(ascii).toString("hex")

test("a span whose ids nobody asked for is of its parent's trace, below it, and has an id of its own", () => {
  const encoder = createProtobufEncoder({})
  const parent = newRootSpanIds()
  const ring = new SpanRing(2)
  for (let count = 0; count < 2; count++) ring.pushBelow(parent, SpanTemplate.shared("below"), "internal", 1, 2, undefined, undefined)
  encoder.add(ring, 2, 0)
  const { resourceSpans } = readSpans(encoder.finish()) as {
    resourceSpans: { scopeSpans: { spans: { traceId: string; spanId: string; parentSpanId: string }[] }[] }[]
  }
  const spans = resourceSpans[0]?.scopeSpans[0]?.spans ?? []
  expect(spans).toMatchObject([
    { traceId: parent.traceId, parentSpanId: parent.spanId },
    { traceId: parent.traceId, parentSpanId: parent.spanId },
  ])
  expect(new Set([parent.spanId, ...spans.map(({ spanId }) => spanId)]).size).toBe(3)
})

type Made = typeof span extends Arbitrary<infer Value> ? Value : never

function ringOf(spans: readonly Made[]): SpanRing {
  const ring = new SpanRing(spans.length)
  for (const { words, isRoot, template, kind, startMs, endMs, own, error, details } of spans) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, parent0 = 0, parent1 = 0] = words
    const ids = new SpanIds(a, b, c, d, e, f, isRoot ? 0 : parent0, isRoot ? 0 : parent1)
    const rare = error === undefined && details === undefined ? undefined : { error, details }
    ring.push(ids, template, kind, startMs, endMs, own, rare)
  }
  return ring
}

// JSON leaves out the events and links of spans that have no details.
function withoutAbsence(request: { resourceSpans: { scopeSpans: { spans: object[] }[] }[] }): unknown {
  for (const { scopeSpans } of request.resourceSpans)
    for (const scope of scopeSpans) for (const each of scope.spans) Object.assign(each, { events: [], links: [], ...each })
  return request
}
