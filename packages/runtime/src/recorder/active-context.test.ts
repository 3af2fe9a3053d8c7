import { AsyncLocalStorage } from "node:async_hooks"
import { setImmediate as turn } from "node:timers/promises"
import { expect, test } from "vitest"
import { activeContext, createEntrance } from "./active-context.ts"
import { newRootSpanIds } from "./span-ids.ts"

test("work that enters has its span active to its end, and whoever entered has their own again at once", async () => {
  const enter = createEntrance()
  const [outer, first, second] = [newRootSpanIds(), newRootSpanIds(), newRootSpanIds()]
  const seen: unknown[] = []
  const work = async (name: string) => {
    seen.push([name, activeContext.getStore()])
    await turn()
    seen.push([name, activeContext.getStore()])
  }
  await activeContext.run(outer, async () => {
    const both = [enter(first, work, "first"), enter(second, work, "second")]
    expect(activeContext.getStore()).toBe(outer)
    await Promise.all(both)
    expect(activeContext.getStore()).toBe(outer)
  })
  expect(seen).toEqual([
    ["first", first],
    ["second", second],
    ["first", first],
    ["second", second],
  ])
  expect(activeContext.getStore()).toBeUndefined()
})

test("whoever enters has their own span again when the work throws", () => {
  const outer = newRootSpanIds()
  const fail = () => {
    throw new Error("on purpose")
  }
  activeContext.run(outer, () => {
    expect(() => createEntrance()(newRootSpanIds(), fail)).toThrow("on purpose")
    expect(activeContext.getStore()).toBe(outer)
  })
})

test("work finds what was active where the entrance was made, and nothing of whoever enters", () => {
  const storage = new AsyncLocalStorage<string>()
  const enter = storage.run("maker", createEntrance)
  expect(storage.run("visitor", () => enter(newRootSpanIds(), () => storage.getStore()))).toBe("maker")
})
