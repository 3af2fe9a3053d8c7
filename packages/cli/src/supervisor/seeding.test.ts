import { expect, test } from "vitest"
import { Seeding } from "./seeding.ts"

function seedingOfMain() {
  let asked = 0
  const seeding = new Seeding("main", () => void asked++)
  return { seeding, asked: () => asked }
}

test("a seed is asked for when it is wanted and a process serves, whichever comes first", async () => {
  for (const isServing of [true, false]) {
    const { seeding, asked } = seedingOfMain()
    if (isServing) seeding.processServes()
    expect(asked()).toBe(0)
    const result = seeding.run(isServing)
    if (!isServing) seeding.processServes()
    expect(asked()).toBe(1)
    seeding.succeeded("done")
    expect(await result).toBe("done")
  }
})

test("a process that ends before it was asked for its seed leaves that to the next one", async () => {
  const { seeding, asked } = seedingOfMain()
  const result = seeding.run(false)
  seeding.processEnded("SIGKILL")
  seeding.processServes()
  expect(asked()).toBe(1)
  seeding.succeeded("done")
  expect(await result).toBe("done")
})

test("a process that ends with its seed under way is told of, and the next one is not asked: nobody knows what has been done", async () => {
  const { seeding, asked } = seedingOfMain()
  const result = seeding.run(true)
  seeding.processEnded("SIGKILL")
  seeding.processServes()
  expect(asked()).toBe(1)
  await expect(result).rejects.toThrow("main ended before its seed was through (SIGKILL)")
})

test("nobody waits for the seed of a replica that is given up", async () => {
  const { seeding } = seedingOfMain()
  const result = seeding.run(false)
  seeding.giveUp()
  await expect(result).rejects.toThrow("main was stopped before its seed was through")
})
