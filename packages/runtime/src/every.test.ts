import { AsyncLocalStorage } from "node:async_hooks"
import { execFile } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { expect, onTestFinished, test } from "vitest"
import { every } from "./every.ts"

test("what has the same period comes in the same turn, whenever it began", async () => {
  let turn = 0
  const seen: (readonly [string, number])[] = []
  const note = (name: string) => () => {
    if (seen.at(-1)?.[1] !== turn) setImmediate(() => (turn += 1))
    seen.push([name, turn])
  }
  onTestFinished(every(40, note("first")))
  await sleep(25)
  onTestFinished(every(40, note("second")))
  const turnsOf = (wanted: string) => seen.flatMap(([name, at]) => (name === wanted ? [at] : []))
  await expect.poll(() => turnsOf("second").length).toBeGreaterThan(2)
  expect(turnsOf("first")).toEqual(expect.arrayContaining(turnsOf("second")))
})

test("each stops by itself, also of the same function, and stopping twice stops no other", async () => {
  let ticks = 0
  const count = () => void (ticks += 1)
  const [one, other] = [every(10, count), every(10, count)]
  one()
  one()
  await expect.poll(() => ticks).toBeGreaterThan(1)
  other()
  const stopped = ticks
  await sleep(50)
  expect(ticks).toBe(stopped)
  onTestFinished(every(10, count))
  await expect.poll(() => ticks).toBeGreaterThan(stopped)
})

test("one that stops within its own time leaves the others their turn", async () => {
  const seen: string[] = []
  const stop = every(10, () => {
    seen.push("once")
    stop()
  })
  onTestFinished(every(10, () => seen.push("again")))
  await expect.poll(() => seen.length).toBeGreaterThan(3)
  expect(seen.filter((name) => name === "once")).toHaveLength(1)
  expect(seen.slice(0, 3)).toEqual(["once", "again", "again"])
})

test("each comes in the async context of who asked for it", async () => {
  const context = new AsyncLocalStorage<string>()
  const seen = new Set<unknown>()
  for (const name of ["one", "other"]) onTestFinished(context.run(name, () => every(10, () => seen.add(context.getStore()))))
  onTestFinished(every(10, () => seen.add(context.getStore())))
  await expect.poll(() => [...seen]).toEqual(["one", "other", undefined])
})

test("it keeps no process alive", async () => {
  const program = `import { every } from ${JSON.stringify(new URL("every.ts", import.meta.url).href)}; every(5, () => undefined); console.log("over")`
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program])
  expect(stdout).toBe("over\n")
})
