import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "@hanok/contract"
import type { EventEnvelope, Outbox } from "@hanok/contract"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { createMemoryOutbox } from "../memory/outbox.ts"
import { createRelay } from "./relay.ts"

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
const subscribers = ["gift", "delivery"]
const concurrency = 6

/** How deliveries end, one after the other; those after the last end well. */
const ends = {
  well: async () => undefined,
  slowly: () => sleep(3),
  away: () => Promise.reject(new Fault("UNAVAILABLE", "away")),
  busy: () => Promise.reject(new Fault("OVERLOADED", "busy")),
  late: () => sleep(2).then(() => Promise.reject(new Fault("DEADLINE_EXCEEDED", "late"))),
  again: () => Promise.reject(new Fault("IN_PROGRESS", "it runs")),
  stopping: () => Promise.reject(new Fault("CANCELLED", "stopping")),
  broken: () => Promise.reject(new Error("broken")),
}
const end = fc.constantFrom(...(Object.keys(ends) as (keyof typeof ends)[]))
const event = fc.record({ event: fc.constantFrom("paid", "cancelled"), key: fc.constantFrom("a", "b", undefined) })

test("however deliveries end, every event is brought in the end, those of a key in their order, and no more at once than may be", async () => {
  const events = fc.array(event, { maxLength: 20, size: "max" })
  await fc.assert(
    fc.asyncProperty(fc.array(events, { maxLength: 5 }), fc.array(end, { maxLength: 60, size: "max" }), async (commits, plan) => {
      const outbox = createMemoryOutbox()
      const soon: Outbox = {
        ...outbox,
        failed: (id, error, retryInMs) => outbox.failed(id, error, retryInMs && 1),
        postponed: (id) => outbox.postponed(id, 1),
      }
      const brought: string[] = []
      const [left, sent] = [[...plan], new Array<string>()]
      let [now, most] = [0, 0]
      const relay = createRelay({
        outbox: soon,
        log: silent,
        concurrency,
        attempts: plan.length + 1,
        pollMs: 7,
        async deliver({ subscriber, envelope: { id, orderingKey } }) {
          most = Math.max(most, ++now)
          try {
            await ends[left.shift() ?? "well"]()
            brought.push(`${subscriber} ${orderingKey} ${id}`)
          } finally {
            now--
          }
        },
      })
      for (const commit of commits) {
        outbox.commit(commit.map((one) => [envelopeOf(one, sent), subscribers]))
        await sleep(1)
      }
      await expect.poll(() => brought.length, { timeout: 30_000, interval: 5 }).toBe(sent.length * subscribers.length)
      await relay.close()
      expect(most).toBeLessThanOrEqual(concurrency)
      const expected = subscribers.flatMap((subscriber) => sent.map((one) => `${subscriber} ${one}`))
      expect(brought.toSorted()).toEqual(expected.toSorted())
      for (const lane of subscribers.flatMap((subscriber) => ["a", "b"].map((key) => `${subscriber} ${key} `))) {
        const ofLane = brought.filter((name) => name.startsWith(lane))
        expect(ofLane).toEqual(ofLane.toSorted())
      }
    }),
    { numRuns: 30 },
  )
})

function envelopeOf({ event, key }: { readonly event: string; readonly key: string | undefined }, sent: string[]): EventEnvelope {
  const id = String(sent.length).padStart(3, "0")
  sent.push(`${key} ${id}`)
  return { id, contract: "order", event, payload: {}, orderingKey: key, occurredAt: 0, trace }
}
