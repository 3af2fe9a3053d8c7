import { command, defineContract, defineModule, defineTopology } from "@hanok/contract"
import type { Adapter, Schema } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { createMemoryJournal } from "../memory/journal.ts"
import { newRootSpanIds } from "../recorder/index.ts"
import { openHost } from "./fixture.ts"

interface Code {
  readonly input: Schema
  readonly output: Schema
  /** Of the details with which it refuses; it does not where they are not given. */
  readonly refuses?: Schema
  readonly gives: unknown
}

/** A host of `order` that runs one version of its code, and shares its journal with those of other versions. */
async function version(journal: ReturnType<typeof createMemoryJournal>, code: Code) {
  const placed: unknown[] = []
  const store: Adapter<object> = { kind: "adapter", technology: "memory", create: async () => ({ port: {}, journal }) }
  const refusals = code.refuses ? { SOLD_OUT: code.refuses } : {}
  const place = command({ input: code.input, output: code.output, refusals, http: "POST /orders" })
  const order = defineModule({
    contract: defineContract("order", { place }),
    owner: "team-order",
    needs: { store },
    handlers: {
      place: () => async (input: unknown, context) => {
        placed.push(input)
        if (code.refuses) throw context.refusal("SOLD_OUT", code.gives)
        return code.gives
      },
    },
  })
  const host = await openHost(defineTopology({ modules: [order] }))
  return {
    placed,
    async place(input: unknown) {
      const request = host.edge.entry({ name: "POST /orders", target: { contract: "order", operation: "place" } }).open(undefined)
      const { reply } = request.call({ input, identity: undefined, idempotencyKey: "key-1" })
      return reply.finally(() => request.end(200))
    },
    /** As it comes from a gateway in another process. */
    placeFromElsewhere: (input: unknown) => host.seam.send({ ...fromElsewhere, trace: newRootSpanIds(), input }).reply,
  }
}

const fromElsewhere = {
  caller: "gateway",
  kind: "call",
  contract: "order",
  operation: "place",
  subscriber: undefined,
  remainingMs: 5_000,
  identity: undefined,
  idempotencyKey: "key-1",
} as const

const input = z.object({ item: z.string(), gift: z.object({ to: z.string() }) })
const output = z.object({ orderId: z.string() })
const sent = { item: "tea", gift: { to: "kim" } }

test.each([
  ["has a default for what was not sent", z.object({ ...input.shape, note: z.string().default("") })],
  ["has one further down", input.extend({ gift: z.object({ to: z.string(), wrapped: z.boolean().default(false) }) })],
  ["makes something else of what was sent", input.extend({ item: z.string().toUpperCase() })],
  ["lists its fields in another order", z.object({ gift: input.shape.gift, item: z.string() })],
])("a command whose key was used with the same input is not carried out again by a version that %s", async (_what, later) => {
  const journal = createMemoryJournal()
  const before = await version(journal, { input, output, gives: { orderId: "1" } })
  const after = await version(journal, { input: later, output, gives: { orderId: "2" } })
  expect(await before.place(sent)).toEqual({ orderId: "1" })
  expect(await after.place(sent)).toEqual({ orderId: "1" })
  expect(after.placed).toEqual([])
  await expect(after.place({ ...sent, item: "coffee" })).rejects.toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" })
})

test.each([
  ["no longer reads one of its fields", input, input.omit({ gift: true })],
  ["has begun to read one of its fields", input.omit({ gift: true }), input.extend({ gift: input.shape.gift.optional() })],
])(
  "a command of another process, of which only the answer was lost, is not carried out again by a version that %s",
  async (_what, one, other) => {
    const journal = createMemoryJournal()
    const before = await version(journal, { input: one, output, gives: { orderId: "1" } })
    const after = await version(journal, { input: other, output, gives: { orderId: "2" } })
    expect(await before.placeFromElsewhere(sent)).toEqual({ orderId: "1" })
    expect(await after.placeFromElsewhere(sent)).toEqual({ orderId: "1" })
    await expect(after.placeFromElsewhere({ ...sent, item: "coffee" })).rejects.toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" })
  },
)

test("an answer that an earlier version has given is given as this version declares it", async () => {
  const journal = createMemoryJournal()
  const before = await version(journal, {
    input,
    output: z.object({ orderId: z.string(), secret: z.string() }),
    gives: { orderId: "1", secret: "s" },
  })
  const after = await version(journal, { input, output: output.extend({ state: z.enum(["open", "paid"]).default("open") }), gives: {} })
  expect(await before.place(sent)).toEqual({ orderId: "1", secret: "s" })
  expect(await after.place(sent)).toEqual({ orderId: "1", state: "open" })
})

test("an answer of an earlier version that does not fit this one is given as it was", async () => {
  const journal = createMemoryJournal()
  const before = await version(journal, { input, output, gives: { orderId: "1" } })
  const after = await version(journal, { input, output: output.extend({ state: z.string() }), gives: {} })
  expect(await before.place(sent)).toEqual({ orderId: "1" })
  expect(await after.place(sent)).toEqual({ orderId: "1" })
})

const inCents = z
  .number()
  .transform((euros) => euros * 100)
  .pipe(z.int())

test("an answer whose schema makes something else of it is made so once, and is the same for a repetition", async () => {
  const paid = z.object({ parts: z.array(z.object({ cents: inCents })), by: z.string().trim().default("card") })
  const order = await version(createMemoryJournal(), { input, output: paid, gives: { parts: [{ cents: 12 }] } })
  expect(await order.place(sent)).toEqual({ parts: [{ cents: 1200 }], by: "card" })
  expect(await order.place(sent)).toEqual({ parts: [{ cents: 1200 }], by: "card" })
})

test("a refusal whose details the schema makes something else of has the same for a repetition", async () => {
  const order = await version(createMemoryJournal(), { input, output, refuses: z.object({ missing: inCents }), gives: { missing: 3 } })
  await expect(order.place(sent)).rejects.toHaveProperty("details", { missing: 300 })
  await expect(order.place(sent)).rejects.toHaveProperty("details", { missing: 300 })
})

test("a refusal that an earlier version has given has the details that this version declares", async () => {
  const journal = createMemoryJournal()
  const details = z.object({ left: z.int() })
  const before = await version(journal, { input, output, refuses: details.extend({ shelf: z.string() }), gives: { left: 0, shelf: "A7" } })
  const after = await version(journal, { input, output, refuses: details, gives: {} })
  await expect(before.place(sent)).rejects.toMatchObject({ code: "SOLD_OUT", details: { left: 0, shelf: "A7" } })
  await expect(after.place(sent)).rejects.toHaveProperty("details", { left: 0 })
})
