import * as fc from "fast-check"
import { expect, test } from "vitest"
import { RetryBudget } from "./retry-budget.ts"

const call = fc.constant("call" as const)
const retry = fc.constant("retry" as const)
const pause = fc.integer({ min: 1, max: 5_000 })

test("however calls, failures and pauses come, retries are never more than a tenth of the calls and the floor", () => {
  const happenings = fc.array(fc.oneof({ weight: 6, arbitrary: call }, { weight: 6, arbitrary: retry }, pause), {
    maxLength: 2_000,
    size: "max",
  })
  fc.assert(
    fc.property(happenings, (list) => {
      const budget = new RetryBudget(0)
      let [calls, retries, nowMs] = [0, 0, 0]
      for (const happening of list) {
        if (happening === "call") {
          calls += 1
          budget.earn()
        } else if (happening === "retry") {
          // What is shown of it is what it has.
          const left = budget.left(nowMs)
          const isTaken = budget.take(nowMs)
          expect(isTaken).toBe(left > 0)
          retries += isTaken ? 1 : 0
        } else nowMs += happening
        expect(retries).toBeLessThanOrEqual(10 + calls / 10 + nowMs / 1000 + 1e-6)
      }
    }),
  )
})

test("a tenth of the calls can be repeated once the floor is used up", () => {
  const budget = new RetryBudget(0)
  while (budget.take(0));
  for (let calls = 0; calls < 50; calls++) budget.earn()
  expect(budget.left(0)).toBe(5)
  expect([1, 2, 3, 4, 5, 6].map(() => budget.take(0))).toEqual([true, true, true, true, true, false])
})

test("a rarely used seam can retry again after a while, and a busy one does not save up without end", () => {
  const budget = new RetryBudget(0)
  while (budget.take(0));
  expect([999, 1_500, 1_500].map((nowMs) => budget.take(nowMs))).toEqual([false, true, false])
  for (let calls = 0; calls < 100_000; calls++) budget.earn()
  expect(budget.left(1_500)).toBe(100)
})
