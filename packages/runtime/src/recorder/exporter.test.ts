import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { Exporter } from "./exporter.ts"

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }))
afterEach(() => void vi.useRealTimers())

test("a receiver that asks to be left alone for an hour is asked again after ten seconds, since what comes in has to find room", async () => {
  const batches = [{ body: new Uint8Array(1), items: 1, isFull: true }]
  let posts = 0
  const exporter = new Exporter({
    poster: {
      post: async () => (posts++ === 0 ? { status: 503, retryAfterMs: 3_600_000 } : { status: 200, retryAfterMs: undefined }),
      close: () => undefined,
    },
    batches: { take: () => batches.shift(), discard: () => 0 },
    everyMs: 60_000,
    onTrouble: () => undefined,
  })
  exporter.kick()
  await vi.advanceTimersByTimeAsync(9_999)
  expect(posts).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(posts).toBe(2)
  await exporter.close(0)
  expect(exporter.dropped).toBe(0)
})

test.each([0, -5_000])(
  "a receiver that may be asked again at once (%i ms) is given as long as one that says nothing, and loses nothing",
  async (retryAfterMs) => {
    const batches = [{ body: new Uint8Array(1), items: 1, isFull: true }]
    let isAway = true
    const exporter = new Exporter({
      poster: { post: async () => ({ status: isAway ? 503 : 200, retryAfterMs }), close: () => undefined },
      batches: { take: () => batches.shift(), discard: () => 0 },
      everyMs: 60_000,
      onTrouble: () => undefined,
    })
    exporter.kick()
    await vi.advanceTimersByTimeAsync(500)
    isAway = false
    await vi.advanceTimersByTimeAsync(2_000)
    await exporter.close(0)
    expect(exporter.dropped).toBe(0)
  },
)

test("what a receiver is away for, half a minute long, is given up after twelve attempts and counted, and what comes next is sent", async () => {
  const batches = [1, 2].map((items) => ({ body: new Uint8Array(1), items, isFull: true }))
  let posts = 0
  const exporter = new Exporter({
    poster: {
      post: async () => ({ status: ++posts > 12 ? 200 : 503, retryAfterMs: undefined }),
      close: () => undefined,
    },
    batches: { take: () => batches.shift(), discard: () => 0 },
    everyMs: 60_000,
    onTrouble: () => undefined,
  })
  exporter.kick()
  await vi.advanceTimersByTimeAsync(18_000)
  expect(exporter.dropped).toBe(0)
  await vi.advanceTimersByTimeAsync(22_000)
  expect([posts, exporter.dropped]).toEqual([12, 1])
  exporter.kick()
  await vi.advanceTimersByTimeAsync(0)
  await exporter.close(0)
  expect([posts, exporter.dropped]).toEqual([13, 1])
})
