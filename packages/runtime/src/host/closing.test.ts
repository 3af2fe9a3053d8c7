import { setTimeout as sleep } from "node:timers/promises"
import { command, defineContract, defineModule, defineTopology, event } from "@hanok/contract"
import type { Adapter, Reaction } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { createLog } from "../log.ts"
import { memoryStore } from "../memory/store.ts"
import { createRecorder } from "../recorder/index.ts"
import { createHost } from "./host.ts"

const none = z.object({})
const bellContract = defineContract("bell", { ring: command({ input: none, output: none, http: "POST /ring" }), rung: event(none) })
const earContract = defineContract("ear", {})
const never = () => new Promise<never>(() => undefined)
const plain = memoryStore({ tables: () => ({}), read: () => ({}), write: () => ({}) })

/** A host of `bell`, whose outbox may never say that something was written, and of `ear`, which listens to it and does `react`. */
async function open(react: Reaction<typeof bellContract, "rung">, { isSilent = true } = {}) {
  let asked = 0
  const silent = () => (asked++, never())
  const store: typeof plain = {
    ...plain,
    async create(host) {
      const filled = await (plain as Adapter<object>).create(host)
      const outbox = isSilent && filled.outbox ? { ...filled.outbox, delivered: silent, failed: silent, postponed: silent } : filled.outbox
      return { ...filled, outbox } as Awaited<ReturnType<typeof plain.create>>
    },
  }
  const bell = defineModule({
    contract: bellContract,
    owner: "a",
    needs: { store },
    handlers: {
      ring: (ports) => async (_, context) => {
        await ports.store.transaction(context, (tx) => ports.events.rung(tx, {}, context))
        return {}
      },
    },
  })
  const onRung = (): Reaction<typeof bellContract, "rung"> => react
  const ear = defineModule({
    contract: earContract,
    owner: "a",
    listens: { bell: bellContract },
    handlers: {},
    reactions: { bell: { rung: onRung } },
  })
  const host = await createHost({
    topology: defineTopology({ modules: [bell, ear] }),
    service: "main",
    env: {},
    recorder: createRecorder({ resource: {} }),
    log: createLog({ service: "main", instance: "1", level: "silent" }),
    remote: () => expect.fail("Nothing is elsewhere."),
  })
  host.start()
  const request = host.edge.entry({ name: "POST /ring", target: { contract: "bell", operation: "ring" } }).open(undefined)
  await request.call({ input: {}, identity: undefined, idempotencyKey: undefined }).reply
  request.end(200)
  return { host, asked: () => asked }
}

test("a host closes although its outbox never says that an event was noted as brought", async () => {
  const { host, asked } = await open(async () => undefined)
  await expect.poll(asked).toBe(1)
  await host.close({ graceMs: 20 })
})

test("a host closes although its outbox never says that an event was put off whose reaction was cut", async () => {
  let begun = false
  const { host, asked } = await open(() => ((begun = true), never()))
  await expect.poll(() => begun).toBe(true)
  await host.close({ graceMs: 20 })
  expect(asked()).toBe(1)
})

test("a host that may take any time to close cuts no reaction", async () => {
  const end = Promise.withResolvers<void>()
  let signal: AbortSignal | undefined
  const { host } = await open((_, context) => ((signal = context.signal), end.promise), { isSilent: false })
  await expect.poll(() => signal).toBeDefined()
  const closed = host.close({ graceMs: Number.POSITIVE_INFINITY })
  await sleep(20)
  expect(signal?.aborted).toBe(false)
  end.resolve()
  await closed
})
