import * as fc from "fast-check"
import { expect, test } from "vitest"
import { FrameDecoder, FrameEncoder } from "./codec.ts"
import { mostObjects } from "./count-objects.ts"
import { FrameReader, freshCodec, longestFrameBytes } from "./frame.ts"

const messages = 3

/** Both ends of a direction: adds each message, takes frames now and then, and gives what the other end makes of them. */
function carry(values: readonly unknown[], perFrame = 4): unknown[] {
  const encoder = new FrameEncoder()
  const other = otherEnd()
  for (const value of values) {
    if (!encoder.add(value)) {
      if (encoder.count > 0) other.read(encoder.take(messages))
      other.read(encoder.encode(messages, [value]))
    } else if (encoder.count === perFrame) other.read(encoder.take(messages))
  }
  if (encoder.count > 0) other.read(encoder.take(messages))
  return other.read()
}

function otherEnd() {
  const [reader, decoder, found] = [new FrameReader(), new FrameDecoder(), [] as unknown[]]
  return {
    read(frame?: Buffer): unknown[] {
      if (frame) reader.push(frame, (kind, body) => found.push(...(decoder.decode(kind, body) as unknown[])))
      return found
    },
  }
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40, size: "max" }),
  fc.string({ unit: "grapheme", maxLength: 400, size: "max" }),
  fc.string({ maxLength: 90, size: "max" }),
)
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.integer({ min: -200, max: 70_000 }),
)
const name = fc.oneof(fc.constantFrom("a", "b", "c", "orderId", "7"), fc.string({ maxLength: 8 })).filter((each) => each !== "__proto__")
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("json"), { maxLength: 20 }),
    fc.dictionary(name, tie("json"), { maxKeys: 6, noNullPrototype: true }),
  ),
}))
const withoutMinusZero = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test("what goes in at one end comes out at the other, in order, however many messages a frame has", () => {
  fc.assert(
    fc.property(fc.array(json, { maxLength: 20, size: "max" }), fc.integer({ min: 1, max: 16 }), (values, perFrame) => {
      expect(carry(values, perFrame)).toEqual(values.map(withoutMinusZero))
    }),
    { numRuns: 300 },
  )
})

test("objects of one shape are told apart from those of others, of however many shapes", () => {
  const object = (number: number) => ({ id: number, [`field${number}`]: { [`inner${number % 700}`]: `text ${number}` } })
  // Met once and never again, as where names are data; and met often, as what a contract declares.
  const strange = Array.from({ length: 1_500 }, (_, number) => object(number))
  const familiar = Array.from({ length: 300 }, (_, number) => Array.from({ length: 8 }, () => object(10_000 + number))).flat()
  const values = [...familiar, ...strange, ...familiar.toReversed(), ...strange]
  expect(carry(values, 16)).toEqual(values)
})

test("names that are data do not take the place of those that a contract declares", () => {
  const [encoder, other] = [new FrameEncoder(), otherEnd()]
  const dictionary = (number: number) => Object.fromEntries(Array.from({ length: 20 }, (_, field) => [`sku-${number}-${field}`, field]))
  const sizes: number[] = []
  for (let number = 0; number < 3_000; number++) {
    const values = [dictionary(number), { declared: 1, late: number > 2_000 ? { surprise: "x" } : null }]
    for (const value of values) encoder.add(value)
    const frame = encoder.take(messages)
    other.read(frame)
    if (number % 1_000 === 999) sizes.push(frame.length)
    expect(other.read().splice(0)).toEqual(values)
  }
  // No name of the declared ones is sent any more.
  expect(sizes[2] ?? 0).toBeLessThan((sizes[1] ?? 0) + 20)
})

test("an object that is met often is written as before", () => {
  const orders = Array.from({ length: 500 }, (_, number) => ({
    orderId: `order-${number}`,
    "not a name": number,
    total: number * 1_000.5,
    lines: [{ sku: "mug" }],
  }))
  expect(carry(orders, 16)).toEqual(orders)
})

test("very many fields, very long lists and very long texts come through", () => {
  const wide = Object.fromEntries(Array.from({ length: 3_000 }, (_, number) => [`key${number}`, number]))
  const long = Array.from({ length: 70_000 }, (_, number) => number)
  const values = [wide, long, "x".repeat(1_000_000), "가".repeat(50_000), "é".repeat(31), "é".repeat(130), "é".repeat(40_000), wide]
  expect(carry(values)).toEqual(values)
})

test("of half of a surrogate pair, which UTF-8 cannot carry, one replacement character arrives, wherever it stands", () => {
  const halves = fc.string({ unit: fc.constantFrom("\ud83d", "\ude00", "a", "é", "가", "😀"), maxLength: 100, size: "max" })
  fc.assert(fc.property(halves, (value) => void expect(carry([value])).toEqual([value.toWellFormed()])))
})

test("undefined stays what it is, and so does what JSON does not have", () => {
  const values = [{ a: 1, b: undefined }, { at: new Date(0) }, { b: [undefined] }, new Map([["a", { b: 1 }]]), 12n, { a: 2, b: 3 }]
  expect(carry(values)).toStrictEqual(values)
})

test("a message that cannot be written costs the others nothing, wherever it stands", () => {
  const good = { a: { b: 1 } }
  const bad = { a: { b: 1 }, fresh: { fields: 1 }, fails: Symbol("nothing") }
  const encoder = new FrameEncoder()
  const other = otherEnd()
  for (let round = 0; round < 3; round++) {
    expect([encoder.add(good), encoder.add(bad)]).toEqual([true, false])
    other.read(encoder.take(messages))
    expect(() => encoder.encode(messages, [bad])).toThrow()
    expect(encoder.add({ fresh: { fields: 1 } })).toBe(true)
    other.read(encoder.take(messages))
  }
  expect(other.read()).toEqual([good, { fresh: { fields: 1 } }, good, { fresh: { fields: 1 } }, good, { fresh: { fields: 1 } }])
})

test("a message that has room in a frame of its own only comes through, and so do names that were first in it", () => {
  const half = "x".repeat(longestFrameBytes / 2)
  const values = [{ a: half }, { onlyHere: { half } }, { onlyHere: { half: 1 } }, { a: 1 }]
  expect(carry(values)).toEqual(values)
})

test("what cannot be added is to go before anything else is added", () => {
  const encoder = new FrameEncoder()
  for (const value of [{ first: Symbol("nothing") }, { first: 1 }]) expect(encoder.add(value)).toBe(false)
  const other = otherEnd()
  other.read(encoder.encode(messages, [{ first: 1 }]))
  expect(encoder.add({ first: 2 })).toBe(true)
  other.read(encoder.take(messages))
  expect(other.read()).toEqual([{ first: 1 }, { first: 2 }])
})

test("what is too large is refused with its size, and what goes round in circles too", () => {
  const encoder = new FrameEncoder()
  const large = ["x".repeat(longestFrameBytes)]
  expect(encoder.add(large)).toBe(false)
  expect(() => encoder.encode(messages, large)).toThrow(/takes \d+ bytes/)
  const circle: unknown[] = []
  circle.push(circle)
  expect(encoder.add(circle)).toBe(false)
  expect(() => encoder.encode(messages, circle)).toThrow()
  expect(encoder.add({ a: 1 })).toBe(true)
  expect((encoder.take(messages)[4] ?? 0) & freshCodec).toBe(freshCodec)
})

test.each([
  ["objects", () => ({})],
  ["lists", () => []],
])("as many %s as the wire carries come through, and one more is refused by the sender, with the number", (_, make) => {
  const most = Array.from({ length: mostObjects - 2 }, make)
  expect(carry([most, "next"]).map((value) => (value as unknown[]).length)).toEqual([most.length, 4])
  const encoder = new FrameEncoder()
  most.push(make())
  expect(encoder.add(most)).toBe(false)
  expect(() => encoder.encode(messages, [most])).toThrow(`it has ${mostObjects + 1} objects`)
  expect(encoder.add({ a: 1 })).toBe(true)
})

test("what is no JSON is counted, too", () => {
  const time = new Date(0)
  const times = Array.from({ length: mostObjects }, () => time)
  expect(() => new FrameEncoder().encode(messages, times)).toThrow(`it has ${mostObjects + 1} objects`)
})

test("messages that have too many objects together go in frames of their own", () => {
  const many = Array.from({ length: mostObjects / 2 }, () => [])
  expect(carry([many, many, "next"]).map((value) => (value as unknown[]).length)).toEqual([many.length, many.length, 4])
})

test("a peer that has ever more names of fields remembered is refused, in time", () => {
  const decoder = new FrameDecoder()
  const size = 1024 * 1024
  const named = (record: number) => {
    const [low, high] = [0x60 + (record & 31), record >> 5]
    const name = Buffer.alloc(size, "a")
    name.writeUInt32BE(record)
    return Buffer.concat([Buffer.from([0xd5, 0x72, low, high, 0x91, 0xdb, 0, size >> 16, 0, 0]), name, Buffer.from([0xc0])])
  }
  let remembered = 0
  expect(() => {
    for (; remembered < 200; remembered++) decoder.decode(messages, named(remembered))
  }).toThrow("names of fields")
  expect(remembered).toBeLessThan(70)
})
