import { setImmediate as turn } from "node:timers/promises"
import { command, defineContract, defineModule, defineTopology } from "@hanok/contract"
import type { EventEnvelope, Module, Transaction } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { CallContext } from "../context/call-context.ts"
import { nobodysRequest } from "../context/request-traits.ts"
import { Scope } from "../context/scope.ts"
import { createHost } from "../host/host.ts"
import { createLog, loggerFor } from "../log.ts"
import { createRecorder, newRootSpanIds, SpanTemplate } from "../recorder/index.ts"
import { memoryStore } from "./store.ts"
import { MemoryTable } from "./table.ts"

const noteContract = defineContract("note", { keep: command({ input: z.object({}), output: z.object({ key: z.string() }) }) })
const writeContract = defineContract("write", {
  write: command({
    input: z.object({}),
    output: z.object({ before: z.string(), within: z.string(), after: z.string(), noteKey: z.string() }),
  }),
})

let fails = true
const store = memoryStore({
  tables: () => ({ ids: new MemoryTable<{ readonly id: string }>() }),
  read: ({ ids }) => ({ ids: () => ids.all().map(({ id }) => id) }),
  write: (tables, changes) => ({
    put: (id: string) => changes.put(tables.ids, id, { id }),
    take: (id: string) => changes.delete(tables.ids, id),
  }),
})
const noteModule = defineModule({
  contract: noteContract,
  owner: "team-note",
  handlers: { keep: () => async (_, context) => ({ key: context.idempotencyKey ?? "" }) },
})
const writeModule = defineModule({
  contract: writeContract,
  owner: "team-write",
  uses: { note: noteContract },
  needs: { store },
  handlers: {
    write: (ports) => async (_, context) => {
      const before = context.newId()
      const within = await ports.store.transaction(context, async (tx) => {
        await turn()
        const id = [context.newId(), context.newId()].join(" ")
        await ports.note.keep({}, context)
        tx.put(id)
        return id
      })
      const noteKey = (await ports.note.keep({}, context)).key
      const after = context.newId()
      seen.push({ before, within, after, noteKey })
      if (fails) throw new Error("the process dies here, the first time")
      return { before, within, after, noteKey }
    },
  },
})
const seen: object[] = []

const tallyContract = defineContract("tally", {
  count: command({ input: z.object({}), output: z.object({ counted: z.array(z.string()) }) }),
})
let diesOnce = true
const tallyModule = defineModule({
  contract: tallyContract,
  owner: "team-tally",
  needs: { store },
  handlers: {
    count: (ports) => async (_, context) => {
      const counted = await ports.store.transaction(context, async () => ["kept"])
      counted.push("added")
      if (diesOnce) throw new Error("the process dies here, the first time")
      return { counted }
    },
  },
})

const log = createLog({ service: "main", instance: "1", level: "silent" })

function contextIn(scope: Scope, key?: string): CallContext {
  const origin = {
    recorder: createRecorder({ resource: {} }),
    log,
    module: "note",
    contract: "note",
    operation: "keep",
    template: SpanTemplate.shared("note.keep"),
  }
  return new CallContext(origin, newRootSpanIds(), undefined, "server", scope, Number.POSITIVE_INFINITY, nobodysRequest, key)
}

function event(id: string): EventEnvelope {
  const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
  return { id, contract: "note", event: "kept", payload: {}, orderingKey: undefined, occurredAt: 0, trace }
}

async function openHost(modules: readonly Module[]) {
  const host = await createHost({
    topology: defineTopology({ modules }),
    service: "main",
    env: {},
    recorder: createRecorder({ resource: {} }),
    log,
    remote: () => {
      throw new Error("nothing is remote")
    },
  })
  const call = (contract: string, operation: string) =>
    host.seam.send({
      caller: "test",
      uses: [contract],
      kind: "call",
      contract,
      operation,
      subscriber: undefined,
      input: {},
      remainingMs: 5000,
      trace: newRootSpanIds(),
      identity: undefined,
      idempotencyKey: "k1",
    }).reply
  return { host, call }
}

test("a keyed command that is carried out again makes the same ids and calls under the same keys, also after a step that is not run again", async () => {
  const { host, call } = await openHost([noteModule, writeModule])
  const write = () => call("write", "write")
  await expect(write()).rejects.toThrow("write.write failed.")
  fails = false
  const kept = await write()
  expect(seen).toEqual([kept, kept])
  await host.close({ graceMs: 0 })
})

test("a step that is not run again gives what it gave, whatever the handler has done with that since", async () => {
  const { host, call } = await openHost([tallyModule])
  await expect(call("tally", "count")).rejects.toThrow("tally.count failed.")
  diesOnce = false
  expect(await call("tally", "count")).toEqual({ counted: ["kept", "added"] })
  await host.close({ graceMs: 0 })
})

test("what a transaction wrote can be read and its events leave when it commits, and nothing of it does when it fails", async () => {
  const { port, outbox } = await store.create({ module: "note", env: {}, log: loggerFor(log, {}) })
  const context = contextIn(Scope.lasting(5_000))
  const add = (id: string, error?: Error) =>
    port.transaction(context, async (tx) => {
      tx.put(id)
      await tx.outbox.append(event(id), ["gift"])
      if (error) throw error
    })
  await add("kept")
  await expect(add("refused", new Error("no"))).rejects.toThrow("no")
  expect(port.read(context).ids()).toEqual(["kept"])
  expect(await outbox?.lease(10, 1_000)).toMatchObject([{ envelope: { id: "kept" } }])
})

test("of keyed work that is carried out again each transaction that was kept is skipped, and the rest is run", async () => {
  const { port } = await store.create({ module: "note", env: {}, log: loggerFor(log, {}) })
  const ran: string[] = []
  const step = (context: CallContext, name: string) => port.transaction(context, async () => (ran.push(name), `${name} ${ran.length}`))
  const useCase = async (key: string, dies: boolean) => {
    const context = contextIn(Scope.lasting(5_000), key)
    const first = await step(context, "first")
    await port.transaction(context, async () => void ran.push("silent"))
    if (dies) throw new Error("the process dies here")
    return [first, await step(context, "second")]
  }
  await expect(useCase("key", true)).rejects.toThrow("dies here")
  expect(await useCase("key", false)).toEqual(["first 1", "second 3"])
  expect(await useCase("key", false)).toEqual(["first 1", "second 3"])
  expect(await useCase("other key", false)).toEqual(["first 4", "second 6"])
  expect(ran).toEqual(["first", "silent", "second", "first", "silent", "second"])
})

test("keyed work that goes through what it has read within a transaction goes on where it was, though there is less to be read now", async () => {
  const { port } = await store.create({ module: "note", env: {}, log: loggerFor(log, {}) })
  const context = contextIn(Scope.lasting(5_000))
  const ids = () => port.read(context).ids()
  await port.transaction(context, async (tx) => ["a", "b", "c", "d"].forEach((id) => tx.put(id)))
  const takeAll = async (most: number) => {
    const keyed = contextIn(Scope.lasting(5_000), "key")
    const all = await port.transaction(keyed, async () => ids())
    for (const id of all.slice(0, most)) await port.transaction(keyed, async (tx) => tx.take(id))
  }
  await takeAll(2)
  expect(ids()).toEqual(["c", "d"])
  await takeAll(4)
  expect(ids()).toEqual([])
})

test("what transactions of keyed work gave is forgotten, the oldest first, when it is too large altogether", async () => {
  const { port } = await store.create({ module: "note", env: {}, log: loggerFor(log, {}) })
  const text = "x".repeat(1_000_000)
  const ran: string[] = []
  const useCase = (key: string) => port.transaction(contextIn(Scope.lasting(5_000), key), async () => (ran.push(key), text))
  for (let number = 0; number < 100; number++) await useCase(`key ${number}`)
  ran.length = 0
  for (const key of ["key 99", "key 40", "key 30"]) await useCase(key)
  expect(ran).toEqual(["key 30"])
})

test("what comes after its transaction has ended is refused, and leaves nothing", async () => {
  const { port, outbox } = await store.create({ module: "note", env: {}, log: loggerFor(log, {}) })
  const context = contextIn(Scope.lasting(5_000))
  let late: (Transaction & { readonly put: (id: string) => void }) | undefined
  await port.transaction(context, async (tx) => void (late = tx))
  expect(() => late?.put("a")).toThrow("after its transaction had ended")
  await expect(late?.outbox.append(event("a"), ["gift"])).rejects.toThrow("after its transaction had ended")
  expect(port.read(context).ids()).toEqual([])
  expect(await outbox?.lease(1, 1_000)).toEqual([])
})

test("a transaction within another one of its call is refused and neither leaves anything, where two one after the other or side by side are kept", async () => {
  const stores = await Promise.all(["note", "other"].map((module) => store.create({ module, env: {}, log: loggerFor(log, {}) })))
  const ids = () => stores.flatMap(({ port }) => port.read(contextIn(Scope.endless)).ids())
  for (const key of [undefined, "key"]) {
    for (const inner of stores) {
      const context = contextIn(Scope.lasting(5_000), key)
      const outer = stores[0]?.port.transaction(context, async (tx) => {
        tx.put("outer")
        await inner.port.transaction(context, async (within) => within.put("inner"))
      })
      await expect(outer).rejects.toThrow("A transaction was begun within another one of the same call")
      expect(ids()).toEqual([])
    }
  }
  const context = contextIn(Scope.lasting(5_000), "another key")
  const other = contextIn(Scope.lasting(5_000), "of a module that is called")
  await stores[0]?.port.transaction(context, async (tx) => {
    tx.put("a")
    await stores[1]?.port.transaction(other, async (theirs) => theirs.put("b"))
  })
  await Promise.all(stores.map(({ port }) => port.transaction(context, async (tx) => tx.put("c"))))
  expect(ids()).toEqual(["a", "c", "b", "c"])
})

test("a transaction that has not ended when its call does leaves nothing, and the next one sees nothing of it", async () => {
  const { port, outbox } = await store.create({ module: "note", env: {}, log: loggerFor(log, {}) })
  const [short, long] = [Scope.lasting(30), Scope.lasting(5_000)]
  const unended = port.transaction(contextIn(short), async (tx) => {
    tx.put("a")
    await new Promise(() => undefined)
  })
  const next = port.transaction(contextIn(long), async () => port.read(contextIn(long)).ids())
  await expect(unended).rejects.toThrow("The deadline passed")
  expect(await next).toEqual([])
  expect(await outbox?.lease(1, 1_000)).toEqual([])
  let begun = false
  await expect(port.transaction(contextIn(short), async () => void (begun = true))).rejects.toThrow("The deadline passed")
  expect(begun).toBe(false)
  long.close()
})

test("a transaction that a call has left behind ends at the call's deadline, and none begins after it", async () => {
  const { port } = await store.create({ module: "note", env: {}, log: loggerFor(log, {}) })
  const [late, left, long] = [Scope.lasting(200), Scope.lasting(200), Scope.lasting(20_000)]
  for (const scope of [late, left]) scope.leave()
  const unended = port.transaction(contextIn(left), () => new Promise<void>(() => undefined))
  const next = port.transaction(contextIn(long), async () => port.read(contextIn(long)).ids())
  await expect(unended).rejects.toThrow("The deadline passed")
  expect(await next).toEqual([])
  let begun = false
  await expect(port.transaction(contextIn(late), async () => void (begun = true))).rejects.toThrow("The deadline passed")
  expect(begun).toBe(false)
  long.close()
})
