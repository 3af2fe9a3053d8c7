import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "@hanok/contract"
import type { Delivery, EventEnvelope, Logger, Outbox } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { createMemoryOutbox } from "../memory/outbox.ts"
import { asAnswerLost } from "../seam/answer-lost.ts"
import { createRelay } from "./relay.ts"

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
const event = (id: string, orderingKey?: string): EventEnvelope => ({
  id,
  contract: "order",
  event: "paid",
  payload: {},
  orderingKey,
  occurredAt: 0,
  trace,
})

/** A relay that never looks of its own accord when not told how often, so that whatever it brings it was told of. */
function relayed(deliver: (delivery: Delivery) => Promise<void>, concurrency = 32, pollMs = 2 ** 30) {
  const outbox = createMemoryOutbox()
  let leases = 0
  const counted: Outbox = { ...outbox, lease: (...asked) => (leases++, outbox.lease(...asked)) }
  const relay = createRelay({ outbox: counted, deliver, log: silent, concurrency, pollMs })
  onTestFinished(() => relay.close())
  const commitFor = (subscriber: string, ...events: readonly EventEnvelope[]) => outbox.commit(events.map((one) => [one, [subscriber]]))
  const commit = (...events: readonly EventEnvelope[]) => commitFor("gift", ...events)
  return { commit, commitFor, leases: () => leases }
}

test("events of one key that were committed together come one after the other", async () => {
  const [came, underWay] = [new Array<string>(), new Set<string>()]
  const { commit } = relayed(async ({ envelope: { id } }) => {
    expect(underWay.size).toBe(0)
    underWay.add(id)
    await new Promise(setImmediate)
    underWay.delete(id)
    came.push(id)
  })
  commit(...["1", "2", "3", "4", "5"].map((id) => event(id, "key")))
  await expect.poll(() => came).toEqual(["1", "2", "3", "4", "5"])
})

test("a subscriber that does not end what it does leaves room for the others", async () => {
  const came: string[] = []
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const { commitFor } = relayed(async ({ subscriber, envelope: { id } }) => {
    came.push(subscriber)
    if (subscriber === "gift" && id !== "last") await ended
  }, 8)
  commitFor("gift", ...Array.from({ length: 20 }, (_, number) => event(String(number))))
  await expect.poll(() => came.length).toBe(6)
  commitFor("delivery", event("a"), event("b"), event("c"))
  await expect.poll(() => came.filter((subscriber) => subscriber === "delivery").length).toBe(3)
  end()
  await expect.poll(() => came.length).toBe(23)
})

test("more events than may be under way at once are all brought", async () => {
  const came = new Set<string>()
  let [now, most] = [0, 0]
  const { commit } = relayed(async ({ envelope: { id } }) => {
    most = Math.max(most, ++now)
    await new Promise(setImmediate)
    now--
    came.add(id)
  }, 3)
  for (let number = 0; number < 50; number++) commit(event(String(number)))
  await expect.poll(() => came.size).toBe(50)
  expect(most).toBe(3)
})

test("what is committed while the relay is full comes as soon as it is not", async () => {
  const waiting: (() => void)[] = []
  const came: string[] = []
  const { commit } = relayed(
    ({ envelope: { id } }) => new Promise<void>((resolve) => waiting.push(resolve)).then(() => void came.push(id)),
    1,
  )
  commit(event("1"))
  await expect.poll(() => waiting.length).toBe(1)
  commit(event("2"))
  await new Promise(setImmediate)
  waiting[0]?.()
  await expect.poll(() => waiting.length).toBe(2)
  waiting[1]?.()
  await expect.poll(() => came).toEqual(["1", "2"])
})

test("an outbox is not asked again after a delivery behind which nothing waits", async () => {
  const came: string[] = []
  const { commit, leases } = relayed(async ({ envelope: { id } }) => void came.push(id))
  await new Promise(setImmediate)
  const before = leases()
  for (const id of ["1", "2", "3"]) {
    commit(event(id))
    await expect.poll(() => came.at(-1)).toBe(id)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(leases() - before).toBe(3)
})

test("what was being leased when the relay closed is brought before it has closed", async () => {
  const outbox = createMemoryOutbox()
  const [came, asked] = [new Array<string>(), Promise.withResolvers<void>()]
  const lease: Outbox["lease"] = async (limit, leaseMs) => {
    const leased = await outbox.lease(limit, leaseMs)
    asked.resolve()
    await sleep(20)
    return leased
  }
  outbox.commit([[event("1"), ["gift"]]])
  const relay = createRelay({ outbox: { ...outbox, lease }, deliver: async ({ envelope }) => void came.push(envelope.id), log: silent })
  await asked.promise
  await relay.close()
  expect(came).toEqual(["1"])
  expect(await outbox.lease(1, 1_000)).toEqual([])
})

test("what found no room is looked for when there is some again, though nothing waited for what has ended", async () => {
  const outbox = createMemoryOutbox()
  const [came, end] = [new Array<string>(), Promise.withResolvers<void>()]
  const deliver = ({ envelope: { id } }: Delivery) => (came.push(id), end.promise)
  const delivered: Outbox["delivered"] = (ids) => outbox.delivered(ids).then(() => false)
  const relay = createRelay({ outbox: { ...outbox, delivered }, deliver, log: silent, concurrency: 4, pollMs: 2 ** 30 })
  onTestFinished(() => relay.close())
  const commitFor = (subscriber: string, ...ids: readonly string[]) => outbox.commit(ids.map((id) => [event(id), [subscriber]]))
  for (const [subscriber, ids] of [
    ["gift", ["1"]],
    ["delivery", ["2", "3", "4"]],
  ] as const) {
    commitFor(subscriber, ...ids)
    await expect.poll(() => came.at(-1)).toBe(ids.at(-1))
  }
  commitFor("payment", "5")
  await sleep(20)
  expect(came).toEqual(["1", "2", "3", "4"])
  end.resolve()
  await expect.poll(() => came.at(-1)).toBe("5")
})

test("a relay that closes takes no more, though there is more and what was under way has made room for it", async () => {
  const outbox = createMemoryOutbox()
  const [came, end] = [new Array<string>(), Promise.withResolvers<void>()]
  const deliver = ({ envelope: { id } }: Delivery) => (came.push(id), end.promise)
  const relay = createRelay({ outbox, deliver, log: silent, concurrency: 1 })
  outbox.commit(["1", "2", "3"].map((id) => [event(id), ["gift"]]))
  await expect.poll(() => came).toEqual(["1"])
  const closed = relay.close().then(() => came.push("closed"))
  await sleep(20)
  expect(came).toEqual(["1"])
  end.resolve()
  await closed
  outbox.commit([[event("4"), ["gift"]]])
  await sleep(20)
  expect(came).toEqual(["1", "closed"])
  expect((await outbox.lease(10, 1_000)).map(({ envelope: { id } }) => id)).toEqual(["2", "3", "4"])
})

test("an outbox that cannot be reached ends nothing and is told of once, as is its return; what could not be written then is brought again", async () => {
  const outbox = createMemoryOutbox()
  let [isAway, refused] = [false, 0]
  const reached = <Result>(work: () => Promise<Result>) => (isAway ? (refused++, Promise.reject(new Error("no database"))) : work())
  const shaky: Outbox = {
    ...outbox,
    lease: (limit, _leaseMs, limits) => reached(() => outbox.lease(limit, 100, limits)),
    delivered: (ids) => reached(() => outbox.delivered(ids)),
    failed: (...how) => reached(() => outbox.failed(...how)),
    postponed: (...how) => reached(() => outbox.postponed(...how)),
  }
  const [came, warnings, go] = [new Set<string>(), new Array<string>(), Promise.withResolvers<void>()]
  const infos: string[] = []
  const errors = new Map<string, Error>([
    ["broken", new Error("broken")],
    ["away", new Fault("UNAVAILABLE", "away")],
  ])
  const deliver = async ({ envelope: { id } }: Delivery) => {
    came.add(id)
    await go.promise
    const error = errors.get(id)
    if (error && isAway) throw error
    if (isAway) return
    came.add(`${id} again`)
  }
  const log: Logger = { ...silent, warn: (message) => void warnings.push(message), info: (message) => void infos.push(message) }
  const relay = createRelay({ outbox: shaky, deliver, log, pollMs: 5 })
  onTestFinished(() => relay.close())
  outbox.commit(["well", "broken", "away"].map((id) => [event(id), ["gift"]]))
  await expect.poll(() => came.size).toBe(3)
  isAway = true
  go.resolve()
  await expect.poll(() => refused).toBeGreaterThan(10)
  expect(warnings.filter((message) => message.startsWith("the outbox"))).toHaveLength(1)
  expect(infos).toEqual([])
  isAway = false
  await expect.poll(() => came.size, { timeout: 5_000 }).toBe(6)
  expect([...came].toSorted()).toEqual(["away", "away again", "broken", "broken again", "well", "well again"])
  expect(infos).toEqual(["the outbox is reached again"])
})

test("a subscriber that stays away is asked ever more rarely, up to every ten seconds", async () => {
  const outbox = createMemoryOutbox()
  const pauses: number[] = []
  const postponed: Outbox["postponed"] = async (id, pauseMs) => {
    pauses.push(pauseMs)
    await sleep(1)
    await outbox.postponed(id, 0)
  }
  const deliver = () => Promise.reject(new Fault("UNAVAILABLE", "away"))
  const relay = createRelay({ outbox: { ...outbox, postponed }, deliver, log: silent })
  outbox.commit([[event("1"), ["gift"]]])
  await expect.poll(() => pauses.length, { timeout: 20_000 }).toBeGreaterThan(10)
  await relay.close()
  const growing = pauses.slice(0, 7)
  expect(growing).toEqual(growing.toSorted((a, b) => a - b))
  expect(Math.max(...pauses)).toBeLessThanOrEqual(10_000)
})

const away = new Fault("UNAVAILABLE", "away")

test("a subscriber that is away is tried with ever fewer, whatever waits for it, and takes all when it is back", async () => {
  let [isAway, tried] = [true, 0]
  const came: string[] = []
  const { commitFor } = relayed(
    async ({ subscriber, envelope: { id } }) => {
      if (subscriber === "gift" && isAway) {
        tried++
        throw away
      }
      came.push(id)
    },
    32,
    20,
  )
  commitFor("gift", ...Array.from({ length: 2_000 }, (_, number) => event(String(number))))
  for (let number = 0; number < 50; number++) {
    commitFor("delivery", event(`for delivery ${number}`))
    await expect.poll(() => came.length).toBe(number + 1)
  }
  expect(tried).toBeLessThan(100)
  isAway = false
  await expect.poll(() => came.length, { timeout: 20_000 }).toBe(2_050)
})

test("a subscriber that is busy is brought about as many at once as it can do", async () => {
  let [now, turnedAway] = [0, 0]
  const came = new Set<string>()
  const { commit } = relayed(
    async ({ envelope: { id } }) => {
      if (now >= 5) {
        turnedAway++
        throw new Fault("OVERLOADED", "busy")
      }
      now++
      await sleep(2)
      now--
      came.add(id)
    },
    32,
    20,
  )
  commit(...Array.from({ length: 300 }, (_, number) => event(String(number))))
  await expect.poll(() => came.size, { timeout: 20_000 }).toBe(300)
  expect(turnedAway).toBeLessThan(300)
})

test("a reaction that cannot be carried out now holds up no other of its subscriber", async () => {
  const came: string[] = []
  const { commit } = relayed(async ({ envelope: { event: name, id } }) => {
    if (name === "cancelled") throw away
    came.push(id)
  })
  commit(...Array.from({ length: 200 }, (_, number) => ({ ...event(`cancelled ${number}`), event: "cancelled" })))
  await sleep(20)
  for (const id of ["1", "2", "3"]) {
    commit(event(id))
    await expect.poll(() => came.at(-1)).toBe(id)
  }
})

test("that events wait is told once, and so is that they are brought again", async () => {
  let isAway = true
  const outbox = createMemoryOutbox()
  const told: unknown[] = []
  const tell = (message: string, fields?: unknown) => void told.push([message, fields])
  const deliver = async () => {
    if (isAway) throw away
  }
  const relay = createRelay({ outbox, deliver, log: { ...silent, warn: tell, info: tell } })
  onTestFinished(() => relay.close())
  outbox.commit(["1", "2", "3", "4"].map((id) => [event(id), ["gift"]]))
  await expect.poll(() => told.length, { timeout: 20_000 }).toBe(1)
  isAway = false
  await expect.poll(() => relay.counts.delivered, { timeout: 20_000 }).toBe(4)
  expect(told).toEqual([
    ["events wait: their subscriber cannot take them", { event: "order.paid", subscriber: "gift", error: "away" }],
    ["events are brought again", { event: "order.paid", subscriber: "gift" }],
  ])
})

test("metrics tell how many of a reaction may be under way, and how far behind it is", async () => {
  let isAway = true
  const outbox = createMemoryOutbox()
  const deliver = async ({ subscriber }: Delivery) => {
    if (isAway && subscriber === "gift") throw away
  }
  const relay = createRelay({ outbox, deliver, log: silent, pollMs: 20 })
  onTestFinished(() => relay.close())
  const old = { ...event("1"), occurredAt: Date.now() - 60_000 }
  outbox.commit([[old, ["gift", "delivery"]]])
  const reactions = () => relay.reactions().toSorted((one, other) => (one.subscriber < other.subscriber ? -1 : 1))
  const ofDelivery = { subscriber: "delivery", event: "paid", limit: 24, lagMs: 0 }
  await expect.poll(reactions, { timeout: 20_000 }).toMatchObject([ofDelivery, { subscriber: "gift", limit: 0 }])
  expect(reactions()[1]?.lagMs).toBeGreaterThanOrEqual(60_000)
  isAway = false
  // It has taken all that there was, which does not show yet that it takes as many at once as before.
  await expect.poll(() => reactions()[1]?.lagMs, { timeout: 20_000 }).toBe(0)
  for (let number = 0; number < 24; number++) outbox.commit([[{ ...event(`more ${number}`), occurredAt: Date.now() }, ["gift"]]])
  await expect.poll(reactions, { timeout: 20_000 }).toEqual([ofDelivery, { ...ofDelivery, subscriber: "gift" }])
})

/** What became of an event whose delivery failed with these, one after the other, when two tries are all it has. */
async function triedTwice(...errors: readonly Error[]): Promise<"brought" | "parked"> {
  const outbox = createMemoryOutbox()
  const left = [...errors]
  let brought = false
  const deliver = async () => {
    const error = left.shift()
    if (error) throw error
    brought = true
  }
  const relay = createRelay({ outbox, deliver, log: silent, attempts: 2, pollMs: 10 })
  outbox.commit([[event("1"), ["gift"]]])
  await expect.poll(async () => brought || (await outbox.parked(1)).length > 0, { timeout: 5_000 }).toBe(true)
  await relay.close()
  return brought ? "brought" : "parked"
}

test("an event is parked when its reaction has failed too often, and not for its subscriber's having been away before", async () => {
  const broken = new Error("broken")
  expect(await triedTwice(broken, broken)).toBe("parked")
  expect(await triedTwice(away, away, broken)).toBe("brought")
})

/** What is delivered until nothing is left, by one relay after the other: each is gone, with all it has under way, when the `deadly` event comes. */
async function broughtByMortals(outbox: Outbox, deadly: string): Promise<readonly string[]> {
  const came: string[] = []
  for (let lives = true; lives;) {
    const { promise: ended, resolve: end } = Promise.withResolvers<boolean>()
    let isDead = false
    const alive =
      <Given extends unknown[], Result>(does: (...given: Given) => Promise<Result>) =>
      (...given: Given) =>
        isDead ? new Promise<Result>(() => undefined) : does(...given)
    const { lease, delivered, failed, postponed, begunAgain } = outbox
    const mortal: Outbox = {
      ...outbox,
      lease: alive((limit, _leaseMs, limits) => lease(limit, 0, limits)),
      delivered: alive(delivered),
      failed: alive(failed),
      postponed: alive(postponed),
      begunAgain: alive((id) => begunAgain(id, 0)),
    }
    const deliver = async ({ envelope: { id } }: Delivery) => {
      came.push(id)
      if (id !== deadly) return void (await sleep(5))
      end(true)
      isDead = true
      await new Promise(() => undefined)
    }
    const relay = createRelay({ outbox: mortal, deliver, log: silent, pollMs: 5 })
    void expect
      .poll(() => relay.counts.parked, { timeout: 5_000 })
      .toBe(1)
      .then(
        () => end(false),
        () => end(false),
      )
    lives = await ended
  }
  return came
}

test("an event whose process ends each time it is brought is parked in the end, and none of those that were under way beside it", async () => {
  const outbox = createMemoryOutbox()
  const others = Array.from({ length: 10 }, (_, number) => String(number))
  outbox.commit([...others, "deadly"].map((id) => [event(id), ["gift"]]))
  const came = await broughtByMortals(outbox, "deadly")
  expect(await outbox.parked(100)).toMatchObject([{ envelope: { id: "deadly" }, attempts: 8 }])
  expect(came.filter((id) => id === "deadly").length).toBe(8)
  expect(new Set(came)).toEqual(new Set([...others, "deadly"]))
})

test.each([
  ["a process that ends because of an error", true],
  ["a service that stops", false],
])("what is cut with %s is found abandoned: %s", async (_who, crashed) => {
  const outbox = createMemoryOutbox()
  const { promise: cut, reject: cutOff } = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const soonOver: Outbox = {
    ...outbox,
    lease: (limit, _leaseMs, limits) => outbox.lease(limit, 0, limits),
    postponed: (id) => outbox.postponed(id, 0),
  }
  const relay = createRelay({ outbox: soonOver, deliver: () => (begun.resolve(), cut), log: silent, pollMs: 2 ** 30 })
  outbox.commit([[event("1"), ["gift"]]])
  await begun.promise
  const closed = relay.close({ crashed })
  cutOff(new Fault("CANCELLED", "Cancelled: the service is stopping."))
  await closed
  expect(await outbox.lease(1, 0)).toMatchObject([{ attempts: 0, abandoned: crashed }])
})

test("a try in which the process of the subscriber ended counts, and one in which that was silent does not", async () => {
  const ended = asAnswerLost(new Fault("UNAVAILABLE", "The connection was lost."))
  const silence = new Fault("UNAVAILABLE", "The connection was lost.")
  expect(await triedTwice(ended, ended)).toBe("parked")
  expect(await triedTwice(silence, silence, ended)).toBe("brought")
})

test("what becomes of deliveries is counted", async () => {
  const outbox = createMemoryOutbox()
  const left = [new Fault("UNAVAILABLE", "away"), new Error("broken"), new Error("broken")]
  const deliver = async () => {
    const error = left.shift()
    if (error) throw error
  }
  const relay = createRelay({ outbox, deliver, log: silent, attempts: 2, pollMs: 10 })
  onTestFinished(() => relay.close())
  outbox.commit([[event("1"), ["gift"]]])
  await expect.poll(() => relay.counts.parked, { timeout: 5_000 }).toBe(1)
  outbox.commit([[event("2"), ["gift", "delivery"]]])
  await expect.poll(() => relay.counts).toEqual({ delivered: 2, failed: 1, postponed: 1, parked: 1 })
})

test("an event is not parked because the service that brings it stops", async () => {
  const stopping = new Fault("CANCELLED", "Cancelled: the service is stopping.")
  expect(await triedTwice(new Error("broken"), stopping)).toBe("brought")
})

test("what is delivered within a moment is acknowledged together, and at once when nothing else is under way", async () => {
  const outbox = createMemoryOutbox()
  const acknowledged: (readonly string[])[] = []
  const delivered: Outbox["delivered"] = (ids) => (acknowledged.push(ids), outbox.delivered(ids))
  const ends = new Map(["1", "2", "3"].map((id) => [id, Promise.withResolvers<void>()]))
  let begun = 0
  const deliver = ({ envelope: { id } }: Delivery) => (begun++, ends.get(id)?.promise ?? Promise.resolve())
  const relay = createRelay({ outbox: { ...outbox, delivered }, deliver, log: silent, pollMs: 2 ** 30 })
  onTestFinished(() => relay.close())
  outbox.commit(["1", "2", "3"].map((id) => [event(id), ["gift"]]))
  await expect.poll(() => begun).toBe(3)
  for (const id of ["1", "2"]) {
    ends.get(id)?.resolve()
    await new Promise(setImmediate)
  }
  await expect.poll(() => acknowledged.map(({ length }) => length)).toEqual([2])
  ends.get("3")?.resolve()
  await expect.poll(() => acknowledged.map(({ length }) => length)).toEqual([2, 1])
})
