import { expect, test } from "vitest"
import { runCrowd } from "./crowd.ts"
import type { Actor, CrowdOptions } from "./crowd.ts"
import { createRandom } from "./random.ts"
import { moodAt } from "./season.ts"

const quick = { ...moodAt("none", 0), thinkMs: 1 }

function crowd(options: Pick<CrowdOptions, "customers" | "rate" | "createActor">, signal: AbortSignal) {
  return runCrowd({ ...options, random: createRandom(1), moodNow: () => quick, signal })
}

test("in a closed loop each customer does one thing at a time, and all end with the signal", async () => {
  const ending = new AbortController()
  const busy = [0, 0, 0]
  let most = 0
  let done = 0
  const createActor = (number: number): Actor => ({
    async act() {
      busy[number] = (busy[number] ?? 0) + 1
      most = Math.max(most, busy[number] ?? 0)
      await new Promise(setImmediate)
      busy[number] = (busy[number] ?? 0) - 1
      if (++done === 30) ending.abort()
    },
  })
  await crowd({ customers: 3, rate: undefined, createActor }, ending.signal)
  expect([most, busy, done >= 30]).toEqual([1, [0, 0, 0], true])
})

test("at a rate actions begin whether or not those before have ended, by no more customers than there may be", async () => {
  const ending = new AbortController()
  const waiting: (() => void)[] = []
  let made = 0
  const createActor = (): Actor => {
    made += 1
    return { act: () => new Promise((resolve) => waiting.push(resolve)) }
  }
  const run = crowd({ customers: 4, rate: 1_000, createActor }, ending.signal)
  await expect.poll(() => waiting.length).toBe(4)
  waiting.shift()?.()
  await expect.poll(() => waiting.length).toBe(4)
  ending.abort()
  for (const release of waiting) release()
  await run
  expect(made).toBe(4)
})
