import { expect, test } from "vitest"
import { FrameDecoder, FrameEncoder } from "./codec.ts"
import { Shape } from "./shape.ts"

test("an object's shape is remembered when its names come again, and never one with a name that is as long as only data are", () => {
  const inputs = [{ labels: 1 }, { ["k".repeat(129)]: 1 }, { id: 1, ["k".repeat(900_000)]: 1 }]
  const known = Array.from({ length: 4 }, () => inputs.map((input) => Shape.of(input) !== undefined))
  expect(known.at(-1)).toEqual([true, false, false])
})

test("a field whose name is too long to be remembered arrives, however often it comes", () => {
  const [encoder, decoder] = [new FrameEncoder(), new FrameDecoder()]
  const input = { id: "x", labels: { ["k".repeat(900_000)]: 1 } }
  for (let time = 0; time < 4; time++) {
    const frame = encoder.encode(1, input)
    expect(decoder.decode(frame.readUInt8(4), frame.subarray(5))).toEqual(input)
  }
})
