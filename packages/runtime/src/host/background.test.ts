import { setImmediate as turn } from "node:timers/promises"
import { defineContract, defineModule, defineTopology, event } from "@hanok/contract"
import type { Adapter, Journal, Outbox, Topology } from "@hanok/contract"
import { expect, onTestFinished, test, vi } from "vitest"
import { z } from "zod"
import { createMemoryJournal } from "../memory/journal.ts"
import { createMemoryOutbox } from "../memory/outbox.ts"
import type { Seam } from "../seam/seam.ts"
import { openHost } from "./fixture.ts"
import type { Host } from "./host.ts"

const halfMinute = 30_000
/** So long after a run was due nobody who begins sees to it. */
const longAfter = 4 * halfMinute

async function startReplica(journal: Journal, run: () => Promise<void>, everyMs = halfMinute): Promise<Host> {
  const mail = defineModule({
    contract: defineContract("mail", {}),
    owner: "team-mail",
    needs: { store: storeOf({ journal }) },
    handlers: {},
    jobs: { send: { everyMs, run: () => run } },
  })
  return startHost(defineTopology({ modules: [mail] }), () => expect.fail("Nothing is elsewhere."))
}

function storeOf(parts: { readonly journal?: Journal; readonly outbox?: Outbox }): Adapter<object> {
  return { kind: "adapter", technology: "memory", create: async () => ({ port: {}, ...parts }) }
}

async function startHost(topology: Topology, remote: (service: string) => Seam): Promise<Host> {
  const host = await openHost(topology, remote)
  host.start()
  return host
}

test("a run of a job that takes long is begun by no other replica meanwhile", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["setInterval", "clearInterval", "Date"] })
  onTestFinished(() => void vi.useRealTimers())
  const [journal, end, later] = [createMemoryJournal(), Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const begun: string[] = []
  const runAs = (replica: string) => () => (begun.push(replica), end.promise)
  await startReplica(journal, runAs("first"))
  await startReplica({ ...journal, begin: async (...about) => later.promise.then(() => journal.begin(...about)) }, runAs("second"))
  await vi.advanceTimersByTimeAsync(halfMinute)
  vi.setSystemTime(Date.now() + halfMinute - 1)
  later.resolve()
  await turn()
  expect(begun).toEqual(["first"])
  end.resolve()
})

test("runs of a job are counted by how they ended, where they were carried out", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["setInterval", "clearInterval", "Date"] })
  onTestFinished(() => void vi.useRealTimers())
  const journal = createMemoryJournal()
  const failures = [new Error("broken"), undefined, undefined]
  const replicas: Host[] = []
  for (const run of [async () => failFirst(failures), async () => undefined]) replicas.push(await startReplica(journal, run))
  const jobs = () => replicas.map((replica) => replica.metrics().flatMap((module) => module.jobs))
  for (let tick = 0; tick < 3; tick++) await vi.advanceTimersByTimeAsync(halfMinute)
  await expect.poll(jobs).toEqual([[{ job: "send", done: 2, failed: 1 }], [{ job: "send", done: 0, failed: 0 }]])
})

function failFirst(failures: (Error | undefined)[]): void {
  const failure = failures.shift()
  if (failure) throw failure
}

test("one of a module's replicas forgets what its journal need not remember, however long it takes, and the others leave it to that one", async () => {
  vi.useFakeTimers({ now: longAfter, toFake: ["setInterval", "clearInterval", "Date"] })
  onTestFinished(() => void vi.useRealTimers())
  const [memory, end, minute] = [createMemoryJournal(), Promise.withResolvers<number>(), 2 * halfMinute]
  let forgetting = 0
  const journal: Journal = { ...memory, forget: () => (forgetting++, end.promise) }
  for (let replica = 0; replica < 3; replica++) await startReplica(journal, async () => undefined)
  await vi.advanceTimersByTimeAsync(65 * minute)
  expect(forgetting).toBe(1)
  end.resolve(0)
  await turn()
  await vi.advanceTimersByTimeAsync(60 * minute)
  expect(forgetting).toBe(2)
})

test("a run of a job that runs seldom is taken over by another replica when whoever has begun it does not end it", async () => {
  vi.useFakeTimers({ now: longAfter, toFake: ["setInterval", "clearInterval", "Date"] })
  onTestFinished(() => void vi.useRealTimers())
  const [journal, end, day] = [createMemoryJournal(), Promise.withResolvers<void>(), 2_880 * halfMinute]
  const begun: string[] = []
  await startReplica(journal, () => (begun.push("first"), end.promise), day)
  await startReplica(journal, async () => void begun.push("second"), day)
  await vi.advanceTimersByTimeAsync(day - longAfter)
  expect(begun).toEqual(["first"])
  await vi.advanceTimersByTimeAsync(20 * halfMinute)
  expect(begun).toEqual(["first", "second"])
  end.resolve()
})

test("what each of a module's stores has kept is forgotten, also when that of another cannot be", async () => {
  vi.useFakeTimers({ now: longAfter, toFake: ["setInterval", "clearInterval", "Date"] })
  onTestFinished(() => void vi.useRealTimers())
  const forgotten: string[] = []
  const away: Journal = { ...createMemoryJournal(), forget: async () => Promise.reject(new Error("the database is away")) }
  const archive: Journal = { ...createMemoryJournal(), forget: async () => forgotten.push("archive") }
  const mail = defineModule({
    contract: defineContract("mail", {}),
    owner: "team-mail",
    needs: { store: storeOf({ journal: away }), archive: storeOf({ journal: archive }) },
    handlers: {},
  })
  await startHost(defineTopology({ modules: [mail] }), () => expect.fail("Nothing is elsewhere."))
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(forgotten).toEqual(["archive"])
})

test("an event leaves by whichever of its module's stores it was written, and is counted once", async () => {
  const outboxes = [createMemoryOutbox(), createMemoryOutbox()]
  const needs = Object.fromEntries(outboxes.map((outbox, number) => [`store${number}`, storeOf({ outbox })]))
  const mail = defineContract("mail", { sent: event(z.object({ to: z.string() })) })
  const told: string[] = []
  const modules = [
    defineModule({ contract: mail, owner: "team-mail", needs, handlers: {} }),
    defineModule({
      contract: defineContract("archive", {}),
      owner: "team-archive",
      listens: { mail },
      handlers: {},
      reactions: {
        mail: {
          sent:
            () =>
            async ({ to }) =>
              void told.push(to),
        },
      },
    }),
  ]
  const host = await startHost(defineTopology({ modules }), () => expect.fail("Nothing is elsewhere."))
  for (const [number, outbox] of outboxes.entries()) {
    const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
    const envelope = { id: `e${number}`, contract: "mail", event: "sent", orderingKey: undefined, occurredAt: 0, trace }
    outbox.commit([[{ ...envelope, payload: { to: `kim ${number}` } }, ["archive"]]])
  }
  await expect.poll(() => told.toSorted()).toEqual(["kim 0", "kim 1"])
  expect(host.metrics()).toMatchObject([
    { module: "mail", deliveries: { delivered: 2, failed: 0 }, reactions: [{ subscriber: "archive", event: "sent" }] },
    { module: "archive", deliveries: undefined, reactions: [] },
  ])
})

test("a delivery that its host no longer waits for is cancelled where it is carried out", async () => {
  const [outbox, underWay] = [createMemoryOutbox(), Promise.withResolvers<void>()]
  const mail = defineContract("mail", { sent: event(z.object({})) })
  const modules = [
    defineModule({ contract: mail, owner: "team-mail", needs: { store: storeOf({ outbox }) }, handlers: {} }),
    defineModule({
      contract: defineContract("archive", {}),
      owner: "team-archive",
      listens: { mail },
      handlers: {},
      reactions: { mail: { sent: () => async () => undefined } },
    }),
  ]
  let cancelled = 0
  const elsewhere: Seam = {
    send: () => (underWay.resolve(), { reply: new Promise(() => undefined), cancel: () => void (cancelled += 1) }),
  }
  const host = await startHost(defineTopology({ modules, services: { archive: { modules: ["archive"] } } }), () => elsewhere)
  const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
  outbox.commit([[{ id: "1", contract: "mail", event: "sent", payload: {}, orderingKey: undefined, occurredAt: 0, trace }, ["archive"]]])
  await underWay.promise
  expect(cancelled).toBe(0)
  await host.close({ graceMs: 0 })
  expect(cancelled).toBe(1)
})
