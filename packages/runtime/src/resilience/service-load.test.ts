import { expect, onTestFinished, test } from "vitest"
import { createLoadMeter } from "./service-load.ts"
import type { GateLoad } from "./service-load.ts"

function loadOf(...gates: readonly GateLoad[]) {
  const meter = createLoadMeter(() => gates)
  onTestFinished(() => meter.close())
  return meter.load()
}

test("a process is as full as the fuller of its ways in, and what they carry out is added up", () => {
  const load = loadOf({ inFlight: 30, limit: 100, queued: 2 }, { inFlight: 40, limit: 50, queued: 1 })
  expect(load).toMatchObject({ inFlight: 70, limit: 150, queued: 3, utilisation: 0.8 })
})

test("a limit that has sunk below what is in flight, as when it is looked for anew, makes nobody fuller than full", () => {
  expect(loadOf({ inFlight: 400, limit: 31, queued: 100 }).utilisation).toBe(1)
})

test("who lets nobody in is idle", () => {
  expect(loadOf({ inFlight: 0, limit: 0, queued: 0 }).utilisation).toBe(0)
  expect(loadOf().utilisation).toBe(0)
})
