import type { Delivery, EventEnvelope, LeaseLimits } from "@hanok/contract"
import * as fc from "fast-check"
import { expect, onTestFinished, test, vi } from "vitest"
import { createMemoryOutbox } from "./outbox.ts"

const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
const subscribers = ["gift", "delivery"]
const hour = 3_600_000

function event(id: string, orderingKey?: string): EventEnvelope {
  return { id, contract: "order", event: "paid", payload: {}, orderingKey, occurredAt: 0, trace }
}

test("of what is parked the longest parked is shown first", async () => {
  vi.useFakeTimers({ toFake: ["Date"] })
  onTestFinished(() => void vi.useRealTimers())
  const outbox = createMemoryOutbox()
  outbox.commit([event("a"), event("b"), event("c")].map((one) => [one, ["gift"]]))
  const deliveries = await outbox.lease(3, hour)
  for (const delivery of deliveries.toReversed()) {
    vi.advanceTimersByTime(1)
    await outbox.failed(delivery.id, "it broke", undefined)
  }
  expect((await outbox.parked(2)).map(({ envelope }) => envelope.id)).toEqual(["c", "b"])
})

test("what is replayed is due at once, as if for the first time, and what is not parked is not replayed", async () => {
  const outbox = createMemoryOutbox()
  let told = 0
  outbox.onAppended(() => told++)
  outbox.commit([[event("a", "key"), ["gift"]]])
  const [{ id } = { id: "" }] = await outbox.lease(1, hour)
  expect(await outbox.replay([id, "none"])).toBe(0)
  await outbox.failed(id, "it broke", undefined)
  expect(await outbox.lease(1, hour)).toEqual([])
  expect([await outbox.replay([id, id]), told]).toEqual([1, 2])
  expect(await outbox.lease(1, hour)).toMatchObject([{ id, attempts: 0 }])
  expect(await outbox.parked(1)).toEqual([])
})

test("what is discarded is gone, and what is not parked is not discarded", async () => {
  const outbox = createMemoryOutbox()
  outbox.commit([event("a", "key"), event("b", "key"), event("c", "key")].map((one) => [one, ["gift"]]))
  for (const _ of ["a", "b"]) await outbox.failed((await outbox.lease(1, hour))[0]?.id ?? "", "it broke", undefined)
  const [a] = await outbox.parked(1)
  expect([await outbox.discard([a?.id ?? "", "3"]), await outbox.discard("all"), await outbox.discard("all")]).toEqual([1, 1, 0])
  expect([await outbox.parked(1), await outbox.lease(3, hour)]).toMatchObject([[], [{ envelope: { id: "c" } }]])
})

test("what is parked stays as it is, whatever a relay says of it whose lease had run out before", async () => {
  const outbox = createMemoryOutbox()
  outbox.commit([[event("a", "key"), ["gift"]]])
  const [{ id } = { id: "" }] = await outbox.lease(1, hour)
  await outbox.failed(id, "it broke", undefined)
  const parked = await outbox.parked(1)
  await outbox.failed(id, "another error", 0)
  await outbox.failed(id, "another error", undefined)
  await outbox.postponed(id, 0)
  expect(await outbox.parked(1)).toEqual(parked)
  expect(await outbox.lease(1, hour)).toEqual([])
})

test("what was abandoned is leased one at a time, beside what was not, where its reaction may be brought any, and each such try counts", async () => {
  const outbox = createMemoryOutbox()
  const commit = (id: string) => outbox.commit([[event(id), ["gift"]]])
  const lease = async (leaseMs: number, limits?: LeaseLimits) =>
    (await outbox.lease(10, leaseMs, limits)).map(({ envelope: { id }, attempts, abandoned }) => [id, attempts, abandoned])
  for (const id of ["a", "b", "c"]) commit(id)
  expect((await lease(0)).length).toBe(3)
  commit("d")
  expect(await lease(hour, { withoutAbandoned: true })).toEqual([["d", 0, false]])
  expect(await lease(hour, { except: ["gift"] })).toEqual([])
  expect(await lease(hour, { reactions: [{ subscriber: "gift", event: "paid", limit: 0 }] })).toEqual([])
  commit("e")
  expect(await lease(0, { reactions: [{ subscriber: "gift", event: "paid", limit: 1 }] })).toEqual([["a", 0, true]])
  await outbox.begunAgain("1", hour)
  expect(await lease(hour)).toEqual([
    ["b", 0, true],
    ["e", 0, false],
  ])
  await outbox.failed("1", "it broke", 0)
  await outbox.postponed("2", 0)
  expect(await lease(hour, { withoutAbandoned: true })).toEqual([
    ["a", 2, false],
    ["b", 0, false],
  ])
  await outbox.failed("3", "it broke", undefined)
  await outbox.replay("all")
  expect(await lease(hour)).toEqual([["c", 0, false]])
})

test("what is to be tried again is so in its time, also when the clock is set back meanwhile", async () => {
  vi.useFakeTimers({ toFake: ["Date"] })
  onTestFinished(() => void vi.useRealTimers())
  const outbox = createMemoryOutbox()
  outbox.commit([event("a"), event("b")].map((one) => [one, ["gift"]]))
  const [failed, postponed] = await outbox.lease(2, hour)
  await outbox.failed(failed?.id ?? "", "it broke", 0)
  await outbox.postponed(postponed?.id ?? "", 0)
  vi.setSystemTime(Date.now() - hour)
  expect((await outbox.lease(2, hour)).map(({ envelope }) => envelope.id)).toEqual(["a", "b"])
})

const step = fc.oneof(
  fc.record({ what: fc.constant("commit" as const), key: fc.constantFrom("a", "b", undefined) }),
  fc.record({
    what: fc.constant("lease" as const),
    limit: fc.integer({ min: 1, max: 4 }),
    except: fc.constantFrom([], ["gift"]),
    ofDelivery: fc.constantFrom(undefined, 0, 1),
  }),
  fc.record({ what: fc.constantFrom("delivered" as const, "failed" as const, "postponed" as const), which: fc.nat(100) }),
)

test("whatever becomes of deliveries, none is lost or given to two at once, and those of a key come in their order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 100, size: "max" }), async (steps) => {
      const outbox = createMemoryOutbox()
      const [committed, done] = [new Array<string>(), new Array<string>()]
      let leased: readonly Delivery[] = []
      const lease = async (limit: number, except: readonly string[], ofDelivery?: number) => {
        const reactions = ofDelivery === undefined ? [] : [{ subscriber: "delivery", event: "paid", limit: ofDelivery }]
        const more = await outbox.lease(limit, hour, { except, reactions })
        expect(more.filter(({ subscriber }) => subscriber === "delivery").length).toBeLessThanOrEqual(ofDelivery ?? limit)
        expect(more.length).toBeLessThanOrEqual(limit)
        expect(more.filter(({ subscriber }) => except.includes(subscriber))).toEqual([])
        leased = [...leased, ...more]
        const keyed = leased.filter(({ envelope }) => envelope.orderingKey !== undefined)
        expect(new Set(leased.map(({ id }) => id)).size).toBe(leased.length)
        expect(new Set(keyed.map(laneOf)).size).toBe(keyed.length)
      }
      const end = async (delivery: Delivery, how: "delivered" | "failed" | "postponed") => {
        leased = leased.filter((other) => other !== delivery)
        if (how === "delivered") {
          done.push(nameOf(delivery))
          await outbox.delivered([delivery.id])
        } else if (how === "failed") await outbox.failed(delivery.id, "it broke", 0)
        else await outbox.postponed(delivery.id, 0)
      }
      for (const one of steps) {
        if (one.what === "commit") {
          const id = String(committed.length).padStart(3, "0")
          outbox.commit([[event(id, one.key), subscribers]])
          committed.push(...subscribers.map((subscriber) => `${subscriber} ${one.key} ${id}`))
        } else if (one.what === "lease") await lease(one.limit, one.except, one.ofDelivery)
        else if (leased.length > 0) await end(leased[one.which % leased.length] as Delivery, one.what)
      }
      while (done.length < committed.length) {
        await lease(100, [])
        expect(leased).not.toEqual([])
        for (const delivery of leased) await end(delivery, "delivered")
      }
      expect(done.toSorted()).toEqual(committed.toSorted())
      for (const subscriber of subscribers) {
        for (const key of ["a", "b"]) {
          const lane = done.filter((name) => name.startsWith(`${subscriber} ${key}`))
          expect(lane).toEqual(lane.toSorted())
        }
      }
    }),
  )
})

function laneOf({ subscriber, envelope }: Delivery): string {
  return `${subscriber} ${envelope.orderingKey}`
}

function nameOf(delivery: Delivery): string {
  return `${laneOf(delivery)} ${delivery.envelope.id}`
}
