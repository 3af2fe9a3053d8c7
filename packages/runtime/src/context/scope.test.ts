import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test } from "vitest"
import { Scope } from "./scope.ts"

test("a deadline farther away than a timer reaches does not end the scope, nor keep it busy", async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on("warning", onWarning)
  const scope = new Scope(Date.now() + 2 ** 33)
  onTestFinished(() => {
    process.off("warning", onWarning)
    scope.close()
  })
  await sleep(20)
  expect([scope.ended, warnings]).toEqual([undefined, []])
})

test("a scope ends with its parent, and never later", () => {
  const parent = new Scope(Date.now() + 1000)
  const child = new Scope(Date.now() + 5000, parent)
  expect(child.deadlineAt).toBe(parent.deadlineAt)
  parent.cancel()
  expect(child.ended?.code).toBe("CANCELLED")
  expect(child.signal.aborted).toBe(true)
})
