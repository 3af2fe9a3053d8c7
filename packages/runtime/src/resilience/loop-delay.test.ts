import { expect, onTestFinished, test } from "vitest"
import { createLoopDelay } from "./loop-delay.ts"

test("from the first time on that somebody asks, it tells by how much the event loop has run behind", async () => {
  const clock = { ms: 0 }
  const loop = createLoopDelay(() => clock.ms)
  onTestFinished(loop.close)
  block(300)
  expect(loop.meanMs()).toBe(0)
  clock.ms += 1_000
  await new Promise((resolve) => setTimeout(resolve, 150))
  block(600)
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(loop.meanMs()).toBeGreaterThan(50)
})

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
