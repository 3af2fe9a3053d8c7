import * as fc from "fast-check"
import { Packr } from "msgpackr"
import { expect, test } from "vitest"
import { countObjects } from "./count-objects.ts"
import type { Records } from "./count-objects.ts"
import { MessagePackWriter } from "./message-pack-writer.ts"

function reader() {
  const structures: (readonly unknown[])[] = []
  const packr = new Packr({ sequential: true, structures, maxSharedStructures: 0, structuredClone: false })
  // An array by whose numbers, also below zero, msgpackr finds what it knows.
  return { records: structures as Records, read: (body: Buffer): unknown => packr.unpack(body) }
}

test("what is counted in a body is what its writer has counted, whatever was named before", () => {
  const name = fc.oneof(
    fc.constantFrom("a", "b", "c"),
    fc.integer({ min: 0, max: 300 }).map((number) => `field${number}`),
  )
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "grapheme", maxLength: 80, size: "max" }),
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.constantFrom(true, null, undefined),
      fc.array(tie("json"), { maxLength: 12, size: "max" }),
      fc.dictionary(name, tie("json"), { maxKeys: 8, size: "max" }),
    ),
  }))
  fc.assert(
    fc.property(fc.array(json, { maxLength: 6 }), (values) => {
      const writer = new MessagePackWriter()
      const { records, read } = reader()
      for (const value of values) {
        writer.value(value)
        const counted = writer.objects
        const body = writer.take()
        expect(countObjects(body, records)).toBe(counted)
        read(body)
      }
    }),
    { numRuns: 200 },
  )
})

test("more shapes than one byte has numbers for are counted as they are read", () => {
  const writer = new MessagePackWriter()
  const { records, read } = reader()
  for (let round = 0; round < 4; round++) {
    for (let number = 0; number < 200; number++) {
      const value = [{ [`shape${number}`]: { inner: number } }, { [`shape${number}`]: [] }]
      writer.value(value)
      const counted = writer.objects
      const body = writer.take()
      expect(countObjects(body, records)).toBe(counted)
      expect(read(body)).toEqual(value)
    }
  }
  expect(Object.keys(records).length).toBeGreaterThan(100)
})

test.each([
  ["a time", new Date(1_700_000_000_123), 1],
  ["memory", Buffer.from("abc"), 1],
  ["a long number", 2n ** 70n, 1],
  ["a number of 64 bits", 2n ** 40n, 0],
  ["a set", new Set([{}, []]), 4],
  ["a map", new Map([["a", {}]]), 2],
  ["a regular expression", /a+/g, 2],
  ["an error", new TypeError("no"), 2],
  ["nothing", undefined, 0],
  ["a text of a length that takes four bytes", "x".repeat(70_000), 0],
])("of what is no JSON, or long, %s counts with what is in it", (_, value, expected) => {
  const packr = new Packr({ sequential: true, structures: [], maxSharedStructures: 0, structuredClone: false, moreTypes: true })
  const body = packr.pack([value, value, 7])
  expect(countObjects(body, {})).toBe(1 + 2 * expected)
})

test.each(["9301", "c1", "c70062", "d47240a0", "d4724091c0", "d5726000906001", "0101", "d9", "da00"])(
  "%s, which no sender writes, is refused",
  (hex) => {
    expect(() => countObjects(Buffer.from(hex, "hex"), {})).toThrow()
  },
)
