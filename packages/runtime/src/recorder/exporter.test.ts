import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { Exporter } from "./exporter.ts"
import type { Poster } from "./post.ts"

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }))
afterEach(() => void vi.useRealTimers())

test("a receiver that asks to be left alone for an hour is asked again after ten seconds, since what comes in has to find room", async () => {
  let posts = 0
  const answer = () => (posts++ === 0 ? { status: 503, retryAfterMs: 3_600_000 } : { status: 200, retryAfterMs: undefined })
  const exporter = exporterTo(answer, [1])
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
    let isAway = true
    const exporter = exporterTo(() => ({ status: isAway ? 503 : 200, retryAfterMs }), [1])
    exporter.kick()
    await vi.advanceTimersByTimeAsync(500)
    isAway = false
    await vi.advanceTimersByTimeAsync(2_000)
    await exporter.close(0)
    expect(exporter.dropped).toBe(0)
  },
)

test("what a receiver is away for, half a minute long, is given up after twelve attempts and counted, and what comes next is sent", async () => {
  let posts = 0
  const exporter = exporterTo(() => ({ status: ++posts > 12 ? 200 : 503, retryAfterMs: undefined }), [1, 2])
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

/** One that has batches of so many spans to send to a receiver that answers so. */
function exporterTo(answer: () => Awaited<ReturnType<Poster["post"]>>, sizes: readonly number[]): Exporter {
  const batches = sizes.map((items) => ({ body: new Uint8Array(1), items, isFull: true }))
  return new Exporter({
    poster: { post: async () => answer(), close: () => undefined },
    batches: { take: () => batches.shift(), discard: () => 0 },
    everyMs: 60_000,
    onTrouble: () => undefined,
  })
}
