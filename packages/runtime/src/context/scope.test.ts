import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test, vi } from "vitest"
import { now } from "../recorder/clock.ts"
import { Scope } from "./scope.ts"

test("a deadline farther away than a timer reaches does not end the scope, nor keep it busy", async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on("warning", onWarning)
  const scope = Scope.lasting(2 ** 33)
  onTestFinished(() => {
    process.off("warning", onWarning)
    scope.close()
  })
  await sleep(20)
  expect([scope.ended, warnings]).toEqual([undefined, []])
})

test("a scope ends with its parent, and never later", () => {
  const parent = Scope.lasting(1000)
  const [same, child] = [parent.within(5000, now()), parent.within(500, now())]
  expect(same).toBe(parent)
  parent.cancel()
  expect(child.ended?.code).toBe("CANCELLED")
  expect(child.signal.aborted).toBe(true)
})

test("a scope ends for the first reason that it is told, and one that is closed for none", () => {
  const parent = Scope.lasting(1000)
  const [cancelled, closed] = [parent.within(500, now()), parent.within(500, now())]
  cancelled.cancel()
  closed.close()
  parent.expire()
  expect([cancelled.ended?.code, closed.ended]).toEqual(["CANCELLED", undefined])
})

test("a scope that is left ends at its deadline when anybody waits in it, then or later, and otherwise when somebody asks", async () => {
  const [empty, waitedIn, takenUp] = [Scope.lasting(500), Scope.lasting(500), Scope.lasting(500)]
  const stopped: string[] = []
  waitedIn.add({ stop: ({ code }) => stopped.push(`waited in: ${code}`) })
  for (const scope of [empty, waitedIn, takenUp]) scope.leave()
  takenUp.add({ stop: ({ code }) => stopped.push(`taken up: ${code}`) })
  expect([empty, takenUp].map(({ deadlines }) => deadlines === undefined)).toEqual([true, false])
  await once(takenUp.signal, "abort")
  await expect.poll(() => stopped.toSorted()).toEqual(["taken up: DEADLINE_EXCEEDED", "waited in: DEADLINE_EXCEEDED"])
  expect([empty.ended?.code, empty.signal.aborted]).toEqual(["DEADLINE_EXCEEDED", true])
  let isStopped = false
  empty.add({ stop: () => (isStopped = true) })
  expect(isStopped).toBe(true)
})

test("a scope that is left tells whoever listens to its signal of its deadline, and is not kept for a signal to which nobody listens", async () => {
  const [listenedTo, taken] = [Scope.lasting(300), Scope.lasting(300)]
  const told = once(listenedTo.signal, "abort")
  const listener = () => undefined
  taken.signal.addEventListener("abort", listener)
  taken.signal.removeEventListener("abort", listener)
  for (const scope of [listenedTo, taken]) scope.leave()
  expect([listenedTo, taken].map(({ deadlines }) => deadlines === undefined)).toEqual([false, true])
  await told
  expect(listenedTo.signal.reason).toMatchObject({ code: "DEADLINE_EXCEEDED" })
})

test("each scope of a list ends at its own deadline, whichever have ended before", async () => {
  const ended: number[] = []
  const scopes = [0, 1, 2, 3, 4].map((number) => {
    const scope = Scope.lasting(30)
    scope.add({ stop: () => ended.push(number) })
    return scope
  })
  scopes[0]?.close()
  scopes[2]?.cancel()
  const last = Scope.lasting(30)
  scopes[4]?.close()
  await once(last.signal, "abort")
  expect([ended, last.ended?.code]).toEqual([[2, 1, 3], "DEADLINE_EXCEEDED"])
})

test("a scope that began while another of its length went on ends too, whether that has come to its end or not", async () => {
  for (const isClosed of [false, true]) {
    const [first, second] = [Scope.lasting(40, now() - 20), Scope.lasting(40)]
    if (isClosed) first.close()
    await once(second.signal, "abort")
    expect(first.ended?.code).toBe(isClosed ? undefined : "DEADLINE_EXCEEDED")
  }
})

test("waiters stop in the order in which they came, and one that has left is not stopped", () => {
  const stopped: string[] = []
  const scope = Scope.lasting(Number.POSITIVE_INFINITY)
  const waiters = ["a", "b", "c", "d"].map((name) => ({ stop: () => stopped.push(name) }))
  for (const waiter of waiters) scope.add(waiter)
  for (const waiter of [waiters[1], waiters[3], waiters[1]]) if (waiter) scope.delete(waiter)
  scope.cancel()
  scope.cancel()
  expect(stopped).toEqual(["a", "c"])
})

test("a clock that is set forward ends no scope", () => {
  onTestFinished(() => void vi.restoreAllMocks())
  const scope = Scope.lasting(1000)
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 3_600_000)
  const child = scope.within(500, now())
  expect([scope.ended, child.ended, child.remainingMs > 0]).toEqual([undefined, undefined, true])
  scope.close()
})

test("a scope of work that kept the process busy first ends at its deadline all the same", async () => {
  const began = now()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
  const stopped = Promise.withResolvers<string>()
  Scope.endless.within(517, began).add({ stop: () => stopped.resolve("stopped") })
  // Timers come in the order of their times, however late.
  expect(await Promise.race([stopped.promise, sleep(400, "goes on")])).toBe("stopped")
})
