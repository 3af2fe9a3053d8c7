import { expect, test } from "vitest"
import { createIdleShare } from "./idle-share.ts"

const times = (busy: number, idle: number) => ({ times: { user: busy, nice: 0, sys: 0, idle, irq: 0 } })

test("the idle share is that of all processors, since it was asked last", () => {
  let processors = [times(1_000, 0), times(0, 1_000)]
  const idleShare = createIdleShare(() => processors)
  processors = [times(2_000, 0), times(500, 1_500)]
  expect(idleShare()).toBe(0.25)
  processors = [times(3_000, 0), times(1_500, 1_500)]
  expect(idleShare()).toBe(0)
})

test("where the system tells nothing, or no time has passed, nobody is taken to be busy", () => {
  expect(createIdleShare(() => [])()).toBe(1)
  expect(createIdleShare(() => [times(5, 5)])()).toBe(1)
})

test("a process that keeps all processors busy for a moment is seen", () => {
  const idleShare = createIdleShare()
  const until = performance.now() + 300
  while (performance.now() < until);
  expect(idleShare()).toBeLessThan(1)
})
