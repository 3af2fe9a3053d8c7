import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "@hanok/contract"
import type { Delivery, EventEnvelope, Outbox } from "@hanok/contract"
import { expect, onTestFinished, test, vi } from "vitest"
import { createMemoryOutbox } from "../memory/outbox.ts"
import { createRelay } from "./relay.ts"

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
const away = new Fault("UNAVAILABLE", "away")

/** A rest may last a second. */
const patient = { timeout: 10_000 }

function eventOf(number: number): EventEnvelope {
  return { id: String(number), contract: "order", event: "paid", payload: {}, orderingKey: undefined, occurredAt: 0, trace }
}

/** Brings so many events, of which the first tries are turned away and the others wait, by a relay that does not look of its own accord. */
function bring(events: number, turnedAway: number, concurrency: number, wait?: () => Promise<void>): ReadonlySet<string> {
  const outbox = createMemoryOutbox()
  const came = new Set<string>()
  let tries = 0
  const deliver = async ({ envelope: { id } }: Delivery) => {
    if (tries++ < turnedAway) throw away
    await wait?.()
    came.add(id)
  }
  const relay = createRelay({ outbox, deliver, log: silent, concurrency, pollMs: 2 ** 30 })
  onTestFinished(() => relay.close())
  outbox.commit(Array.from({ length: events }, (_, number) => [eventOf(number), ["gift"]] as const))
  return came
}

test("a subscriber that turned some away is brought the others as it takes them, without waiting for the next look", async () => {
  const came = bring(100, 24, 32)
  await expect.poll(() => came.size, patient).toBeGreaterThanOrEqual(76)
})

test("a subscriber that turned one away is brought what was left for that when those end that were under way then", async () => {
  const ended = sleep(50)
  const came = bring(100, 1, 32, () => ended)
  await expect.poll(() => came.size, patient).toBeGreaterThanOrEqual(99)
})

test("a subscriber that rests is brought the others when its rest is over, in whatever part of a millisecond that is", async () => {
  const each = Array.from({ length: 100 }, () => bring(5, 3, 2))
  const left = () => each.filter((came) => !came.has("3") || !came.has("4")).length
  await expect.poll(left, patient).toBe(0)
})

/** A relay that looks of its own accord for no reason but events that are committed, and how often it has looked. */
function counted() {
  const outbox = createMemoryOutbox()
  const came = new Set<string>()
  const count = { looks: 0 }
  const lease: Outbox["lease"] = (...given) => {
    count.looks++
    return outbox.lease(...given)
  }
  const deliver = async ({ envelope: { id } }: Delivery) => void came.add(id)
  const relay = createRelay({ outbox: { ...outbox, lease }, deliver, log: silent, concurrency: 1000, pollMs: 2 ** 30 })
  onTestFinished(() => relay.close())
  return { outbox, came, count, relay }
}

test("events that are committed one soon after the other are looked for together", async () => {
  const { outbox, came, count } = counted()
  const begun = performance.now()
  for (let number = 0; number < 100; number++) {
    outbox.commit([[eventOf(number), ["gift"]]])
    await sleep(1)
  }
  await expect.poll(() => came.size, patient).toBe(100)
  // One at its start, one for the first event, and one each 50 ms.
  expect(count.looks).toBeLessThanOrEqual(2 + (performance.now() - begun) / 50)
})

test("an event that is committed when no other was is looked for at once", async () => {
  const { outbox, count } = counted()
  await sleep(60)
  outbox.commit([[eventOf(1), ["gift"]]])
  expect(count.looks).toBe(2)
})

test("what waits for others to be looked for together is brought before a relay has closed", async () => {
  const { outbox, came, relay } = counted()
  await sleep(60)
  for (const number of [1, 2, 3]) outbox.commit([[eventOf(number), ["gift"]]])
  await relay.close()
  expect(came).toEqual(new Set(["1", "2", "3"]))
})

test("a relay that has closed looks no more, and hears no more of its outbox", async () => {
  const outbox = createMemoryOutbox()
  let listeners = 0
  const onAppended: Outbox["onAppended"] = (listener) => {
    const stop = outbox.onAppended(listener)
    listeners++
    return () => (listeners--, stop())
  }
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  onTestFinished(() => void vi.useRealTimers())
  const relay = createRelay({ outbox: { ...outbox, onAppended }, deliver: async () => undefined, log: silent, pollMs: 77 })
  expect([listeners, vi.getTimerCount()]).toEqual([1, 1])
  await relay.close()
  expect([listeners, vi.getTimerCount()]).toEqual([0, 0])
})
