import {
  array,
  assert,
  bigInt,
  boolean,
  constantFrom,
  dictionary,
  double,
  integer,
  letrec,
  oneof,
  property,
  record,
  string,
  stringMatching,
  uint8Array,
} from "fast-check"
import type { Arbitrary } from "fast-check"
import type { Json } from "@hanok/contract"
import { expect, test } from "vitest"
import type { SpanRecord } from "../span.ts"
import { decodeLogs, decodeLogsJson } from "./logs.ts"
import { Malformed } from "./malformed.ts"
import { countDataPoints, countDataPointsJson } from "./metrics.ts"
import { spanOf, tracesJson, tracesProtobuf } from "./otlp.fixture.ts"
import { decodeTraces, decodeTracesJson, isValidSpan } from "./traces.ts"

const { json } = letrec<{ json: Json }>((tie) => ({
  json: oneof(
    { maxDepth: 4 },
    string({ unit: "grapheme" }),
    boolean(),
    integer(),
    double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
    constantFrom(null),
    array(tie("json"), { maxLength: 3 }),
    dictionary(string(), tie("json"), { maxKeys: 3, noNullPrototype: true }),
  ),
}))
const attributes = dictionary(string({ unit: "grapheme" }), json, { maxKeys: 4, noNullPrototype: true })
const ns = bigInt({ min: 0n, max: 2n ** 63n - 1n })
const traceId = stringMatching(/^[1-9a-f][0-9a-f]{31}$/)
const spanId = stringMatching(/^[1-9a-f][0-9a-f]{15}$/)

const spans: Arbitrary<readonly SpanRecord[]> = array(
  record({
    traceId,
    spanId,
    parentSpanId: oneof(constantFrom(""), spanId),
    service: string(),
    name: string({ unit: "grapheme" }),
    kind: constantFrom("internal", "server", "client", "producer", "consumer", "unspecified"),
    startNs: ns,
    endNs: ns,
    failed: boolean(),
    message: string(),
    attributes,
    events: array(record({ name: string(), timeNs: ns, attributes }), { maxLength: 2 }),
    links: array(record({ traceId, spanId, attributes }), { maxLength: 2 }),
    scope: record({ name: string(), version: string() }),
    resource: attributes,
  }).map((span) => Object.assign(span, { resource: { ...span.resource, "service.name": span.service } })),
  { maxLength: 4 },
)

test("what is written in protobuf is read again, fields of the future passed over", () => {
  assert(property(spans, (given) => void expect(decodeTraces(tracesProtobuf(given))).toEqual(given)))
})

test("what is written in OTLP/JSON is read again", () => {
  assert(property(spans, (given) => void expect(decodeTracesJson(JSON.parse(JSON.stringify(tracesJson(given))))).toEqual(given)))
})

test("a message in protobuf that comes in parts is one, as its specification has it", () => {
  const partWith = (key: number) => [0x0a, 5, 0x0a, 3, 0x0a, 1, key]
  const resourceSpans = [...partWith(0x61), ...partWith(0x62), 0x12, 2, 0x12, 0]
  const [span] = decodeTraces(Uint8Array.of(0x0a, resourceSpans.length, ...resourceSpans))
  expect(span?.resource).toEqual({ a: null, b: null })
})

test("any bytes at all are read or refused as malformed, and nothing else is thrown", () => {
  const refuses = (bytes: Uint8Array) => {
    try {
      decodeTraces(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(Malformed)
    }
  }
  assert(property(uint8Array({ maxLength: 200 }), refuses))
  const whole = tracesProtobuf([spanOf({ attributes: { list: ["a", 1, { b: true }] }, message: "no" })])
  for (let length = 0; length < whole.length; length++) refuses(whole.subarray(0, length))
})

test("values that lie in each other without end are refused instead of exhausting the stack", () => {
  let value: unknown = { stringValue: "end" }
  for (let depth = 0; depth < 5000; depth++) value = { arrayValue: { values: [value] } }
  const deep = { resourceSpans: [{ resource: { attributes: [{ key: "deep", value }] } }] }
  expect(() => decodeTracesJson(deep)).toThrow(/more than 100 messages/)
})

test("more messages than anybody sends are refused before they take all memory, spans and data points alike", () => {
  // A list of empty messages: two bytes each.
  const empty = Buffer.alloc(2_000_002, Uint8Array.of(0x0a, 0))
  expect(() => decodeTraces(empty)).toThrow(/more than 1000000 messages; send less at once/)
  expect(() => countDataPoints(empty)).toThrow(Malformed)
})

test.each([
  [{ resourceSpans: 7 }, "/resourceSpans: a list belongs here, not 7"],
  [{ resourceSpans: [[]] }, "/resourceSpans/0: an object belongs here, not a list"],
  [[], "the body: an object belongs here, not a list"],
  [only({ name: 7 }), "/resourceSpans/0/scopeSpans/0/spans/0/name: text belongs here, not 7"],
  [only({ kind: "SPAN_KIND_SERVER" }), '/kind: an enum\'s number belongs here, not "SPAN_KIND_SERVER"'],
  [only({ startTimeUnixNano: "1.5" }), '/startTimeUnixNano: a whole number of 64 bits belongs here, not "1.5"'],
  [only({ startTimeUnixNano: "18446744073709551616" }), "/startTimeUnixNano: a whole number of 64 bits"],
  [
    only({ attributes: [{ key: "a", value: { boolValue: "yes" } }] }),
    '/attributes/0/value/boolValue: true or false belongs here, not "yes"',
  ],
])("a wrong type in OTLP/JSON is named with its place (%#)", (body, message) => {
  expect(() => decodeTracesJson(body)).toThrow(message)
})

test("what JSON's numbers cannot carry becomes text", () => {
  const values = [{ intValue: "9223372036854775807" }, { doubleValue: "NaN" }, { doubleValue: "-Infinity" }, { bytesValue: "aGk=" }]
  const [span] = decodeTracesJson(only({ attributes: [{ key: "list", value: { arrayValue: { values } } }] }))
  expect(span?.attributes).toEqual({ list: ["9223372036854775807", "NaN", "-Infinity", "aGk="] })
})

test.each([
  [{ traceId: "short" }],
  [{ traceId: "0".repeat(32) }],
  [{ spanId: "0".repeat(16) }],
  [{ spanId: "zz".repeat(8) }],
  [{ parentSpanId: "1" }],
  [{ endNs: 2n ** 63n }],
  [{ startNs: 2n ** 63n }],
])("a span with %o is not valid", (given) => {
  expect(isValidSpan(spanOf(given))).toBe(false)
  expect(isValidSpan(spanOf())).toBe(true)
})

test("a parent of zeros is no parent", () => {
  expect(decodeTracesJson(only({ parentSpanId: "0".repeat(16) }))[0]?.parentSpanId).toBe("")
})

test("log lines are read with the time they were observed when no other is known", () => {
  const line = { observedTimeUnixNano: "5", severityNumber: 17, body: { stringValue: "lost" }, traceId: "a".repeat(32) }
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "gift" } }] }
  const [log] = decodeLogsJson({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [line] }] }] })
  expect(log).toMatchObject({ timeNs: 5n, severity: 17, body: "lost", traceId: "a".repeat(32), service: "gift" })
})

test("an event's name is kept among its attributes, where it stood before OTLP had a field for it", () => {
  const line = { eventName: "user.login", attributes: [{ key: "user.id", value: { stringValue: "7" } }] }
  const [log] = decodeLogsJson({ resourceLogs: [{ scopeLogs: [{ logRecords: [line, {}] }] }] })
  expect(log?.attributes).toEqual({ "user.id": "7", "event.name": "user.login" })
  // By the number of logs.proto.
  const inProtobuf = Uint8Array.from(lengthy(1, lengthy(2, lengthy(2, lengthy(12, [0x68, 0x69])))))
  expect(decodeLogs(inProtobuf).map(({ attributes }) => attributes)).toEqual([{ "event.name": "hi" }])
})

test("ids of zeros are those of no span, in log lines too", () => {
  const line = { traceId: "0".repeat(32), spanId: "0".repeat(16) }
  expect(decodeLogsJson({ resourceLogs: [{ scopeLogs: [{ logRecords: [line] }] }] })).toMatchObject([{ traceId: "", spanId: "" }])
})

test("data points are counted in every kind of metric", () => {
  const metrics = [{ gauge: { dataPoints: [{}, {}] } }, { sum: { dataPoints: [{ asInt: "1" }] } }, { histogram: { dataPoints: [{}] } }, {}]
  const rare = [{ exponentialHistogram: { dataPoints: [{}] } }, { summary: { dataPoints: [{}] } }]
  expect(countDataPointsJson({ resourceMetrics: [{ scopeMetrics: [{ metrics: [...metrics, ...rare] }] }] })).toBe(6)
  // By the numbers of metrics.proto: gauge, sum, histogram, exponentialHistogram, summary, each with one point.
  const inProtobuf = [5, 7, 9, 10, 11].flatMap((number) => lengthy(2, lengthy(number, lengthy(1, []))))
  expect(countDataPoints(Uint8Array.from(lengthy(1, lengthy(2, inProtobuf))))).toBe(5)
})

test("a log line in protobuf is read by the numbers of its specification", () => {
  const time = (number: number, ns: number) => [(number << 3) | 1, ns, 0, 0, 0, 0, 0, 0, 0]
  const texts = [...lengthy(3, [0x57]), ...lengthy(5, lengthy(1, [0x68, 0x69]))]
  const ids = [
    ...lengthy(
      9,
      Array.from({ length: 16 }, () => 0xab),
    ),
    ...lengthy(
      10,
      Array.from({ length: 8 }, () => 0xcd),
    ),
  ]
  const line = [...time(11, 7), 2 << 3, 13, ...texts, ...ids]
  const [log, timed] = decodeLogs(Uint8Array.from(lengthy(1, lengthy(2, [...lengthy(2, line), ...lengthy(2, [...line, ...time(1, 5)])]))))
  const given = { severity: 13, severityText: "W", body: "hi", traceId: "ab".repeat(16), spanId: "cd".repeat(8) }
  expect([log, timed]).toMatchObject([
    { ...given, timeNs: 7n },
    { ...given, timeNs: 5n },
  ])
})

test("a known field's number with another type is passed over, and a message that ends within a field is refused", () => {
  const named = (...field: number[]) => Uint8Array.from(lengthy(1, lengthy(2, lengthy(2, [...field, ...lengthy(5, [0x61])]))))
  // The kind (6) as four bytes, the name (5) as a number.
  expect(decodeTraces(named((6 << 3) | 5, 1, 2, 3, 4, 5 << 3, 9))).toMatchObject([{ name: "a", kind: "unspecified" }])
  // A name of three bytes, of which one is the next message's; then a list longer than what it is in.
  const cut = Uint8Array.from([...lengthy(1, lengthy(2, [(2 << 3) | 2, 2, (5 << 3) | 2, 3])), 0x61, 0x0a, 0x00])
  expect(() => decodeTraces(cut)).toThrow(/a message ends in the middle of a field/)
  expect(() => decodeTraces(Uint8Array.of(0x0a, 2, 0x12, 9, 0x0a, 0))).toThrow(/scopeSpans is 9 bytes long, more than there are/)
})

test("values in protobuf that lie in each other without end are refused", () => {
  let value: readonly number[] = []
  for (let depth = 0; depth < 110; depth++) value = lengthy(depth % 2 === 0 ? 1 : 5, value)
  const attribute = lengthy(1, lengthy(2, value))
  expect(() => decodeTraces(Uint8Array.from(lengthy(1, lengthy(1, attribute))))).toThrow(/more than 100 messages/)
})

test.each(["", "many"])("the text %j is no number in OTLP/JSON", (doubleValue) => {
  expect(() => decodeTracesJson(only({ attributes: [{ key: "a", value: { doubleValue } }] }))).toThrow(
    "/doubleValue: a number belongs here",
  )
})

test("what is null in OTLP/JSON is not given, and a kind of the future is none", () => {
  expect(decodeTracesJson(only({ name: null, kind: 77 }))).toMatchObject([{ name: "", kind: "unspecified" }])
})

/** A field of protobuf whose value is what is given, less than 16 KiB. */
function lengthy(number: number, value: readonly number[]): readonly number[] {
  return [(number << 3) | 2, (value.length & 0x7f) | 0x80, value.length >>> 7, ...value]
}

function only(span: unknown): unknown {
  return { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }
}

test.each([2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1.5])(
  "an enum's number that is %d, which is none of 32 bits, is refused by its place",
  (severityNumber) => {
    const decoding = () => decodeLogsJson({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber }] }] }] })
    expect(decoding).toThrow("/resourceLogs/0/scopeLogs/0/logRecords/0/severityNumber: an enum's number belongs here")
  },
)
