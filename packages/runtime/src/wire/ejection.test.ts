import { Fault } from "@hanok/contract"
import { expect, test } from "vitest"
import { now } from "../recorder/clock.ts"
import type { Seam } from "../seam/seam.ts"
import { callerOf, callOf, echoing, outcome, serve } from "./fixture.ts"

test("a replica that fails far more often than the others gets no calls for a while, and when it is well again gets its share", async () => {
  let [isSick, calls] = [true, 0]
  const broken: Seam = { send: () => ({ reply: Promise.reject(new Fault("INTERNAL", "echo.echo failed.")), cancel: () => undefined }) }
  const sick = await serve({ send: (call) => ((calls += 1), (isSick ? broken : echoing).send(call)) })
  const seam = callerOf([sick, await serve(echoing), await serve(echoing)])
  await expect.poll(() => seam.ready).toBe(3)
  const health = seam.replicas.find(({ name }) => name.endsWith(`:${sick.address.port}`))?.health
  const ask = () => outcome(seam.send(callOf("hello")))
  const untilIt = (happens: () => boolean) =>
    expect.poll(async () => (await Promise.all(Array.from({ length: 20 }, ask)), happens()), { interval: 20 }).toBe(true)
  await untilIt(() => health?.isEjected(now()) === true)
  isSick = false
  for (let asked = 0; asked < 50; asked++) {
    const before = calls
    await ask()
    // It may have come back meanwhile, on a slow machine.
    if (health?.isEjected(now())) expect(calls).toBe(before)
  }
  const before = calls
  await untilIt(() => calls > before + 20)
})
