import * as fc from "fast-check"
import { expect, test } from "vitest"
import { FrameReader, longestFrameBytes } from "./frame.ts"

function frame(kind: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(body.length + 1, 0)
  head.writeUInt8(kind, 4)
  return Buffer.concat([head, body])
}

function read(chunks: readonly Buffer[]): [number, string][] {
  const reader = new FrameReader()
  const found: [number, string][] = []
  for (const chunk of chunks) reader.push(chunk, (kind, body) => found.push([kind, body.toString("hex")]))
  return found
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

test("frames come out whole and in order, wherever the stream is cut", () => {
  const frames = fc.array(fc.tuple(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ maxLength: 300, size: "max" })), {
    maxLength: 12,
    size: "max",
  })
  fc.assert(
    fc.property(frames, fc.array(fc.nat(), { maxLength: 30, size: "max" }), (list, cuts) => {
      const bodies = list.map(([kind, body]) => [kind, Buffer.from(body)] as const)
      const stream = Buffer.concat(bodies.map(([kind, body]) => frame(kind, body)))
      expect(read(cut(stream, cuts))).toEqual(bodies.map(([kind, body]) => [kind, body.toString("hex")]))
    }),
  )
})

test("a large frame that comes in very many pieces is joined once", () => {
  const body = Buffer.alloc(12 * 1024 * 1024, 7)
  const bytes = frame(2, body)
  const reader = new FrameReader()
  let seen = 0
  // Joined anew for each of the pieces, this would move 70 gigabytes.
  for (let at = 0; at < bytes.length; at += 1024) reader.push(bytes.subarray(at, at + 1024), (_, whole) => (seen += whole.length))
  expect(seen).toBe(body.length)
})

test.each([0, longestFrameBytes + 1, 0xffffffff])("a length of %d is refused", (length) => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(length, 0)
  expect(() => read([head])).toThrow(`a frame of ${length} bytes`)
})
