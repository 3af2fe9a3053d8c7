import { command, defineContract, defineModule, defineTopology, event, isFault, query, Refusal } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { createLog } from "../log.ts"
import { newRootSpanIds } from "../recorder/index.ts"
import type { SeamCall } from "../seam/seam.ts"
import { errorOfReply, replyOfError } from "../wire/message.ts"
import { openHost } from "./fixture.ts"

const nothing = { input: z.object({}), output: z.object({}) }
const stockContract = defineContract("stock", {
  take: command({ ...nothing, timeoutMs: 4_000 }),
  left: query({ ...nothing, http: "GET /left" }),
  taken: event(z.object({})),
  given: event(z.object({})),
})
const orderContract = defineContract("order", {})
const deafContract = defineContract("deaf", {})

/** Sends calls to a host of `stock`, of `order`, which uses it and listens to what was taken, and of `deaf`, which does neither. */
async function open() {
  const seen: { readonly leftMs: number }[] = []
  const see = async (context: Context) => (seen.push({ leftMs: context.deadlineAt - Date.now() }), {})
  const stock = defineModule({
    contract: stockContract,
    owner: "a",
    handlers: { take: () => (_, context) => see(context), left: () => (_, context) => see(context) },
  })
  const order = defineModule({
    contract: orderContract,
    owner: "a",
    uses: { stock: stockContract },
    listens: { stock: stockContract },
    handlers: {},
    reactions: { stock: { taken: () => async (_, context) => void (await see(context)) } },
  })
  const deaf = defineModule({ contract: deafContract, owner: "a", handlers: {} })
  const host = await openHost(defineTopology({ modules: [stock, order, deaf] }))
  const send = (more: Partial<SeamCall>) =>
    host.seam
      .send({
        caller: "order",
        kind: "call",
        contract: "stock",
        operation: "take",
        subscriber: undefined,
        input: {},
        remainingMs: 60_000,
        trace: newRootSpanIds(),
        identity: undefined,
        idempotencyKey: undefined,
        ...more,
      })
      .reply.then(
        () => "done",
        (error: unknown) => (isFault(error) ? error.code : error),
      )
  return { seen, send }
}

test("a call gets in when its caller declares the contract, here or in its own version, or has it in its token, and then too each time anew", async () => {
  const { seen, send } = await open()
  expect(await send({ caller: "order" })).toBe("done")
  expect(await send({ caller: "deaf" })).toBe("FORBIDDEN")
  expect(await send({ caller: "deaf", isDeclared: true })).toBe("done")
  expect(await send({ caller: "deaf" })).toBe("FORBIDDEN")
  expect(await send({ caller: "report", uses: ["stock"] })).toBe("done")
  expect(await send({ caller: "report", uses: ["order"] })).toBe("FORBIDDEN")
  expect(await send({ caller: "report" })).toBe("FORBIDDEN")
  expect(await send({ caller: "order", uses: ["order"] })).toBe("FORBIDDEN")
  expect(await send({ operation: "break" })).toBe("UNKNOWN_OPERATION")
  expect(seen).toHaveLength(3)
})

test("through the gateway only what has a route gets in", async () => {
  const { send } = await open()
  expect(await send({ caller: "gateway", operation: "left" })).toBe("done")
  expect(await send({ caller: "gateway", operation: "take" })).toBe("FORBIDDEN")
})

test("of an event only its own module tells, and only those who listen", async () => {
  const { seen, send } = await open()
  const tell = (more: Partial<SeamCall>) =>
    send({ kind: "event", caller: "stock", operation: "taken", subscriber: "order", idempotencyKey: "event 1", ...more })
  expect(await tell({ caller: "deaf" })).toBe("FORBIDDEN")
  expect(await tell({ subscriber: "deaf" })).toBe("FORBIDDEN")
  expect(await tell({ subscriber: undefined })).toBe("FORBIDDEN")
  expect(await tell({ operation: "given" })).toBe("UNKNOWN_OPERATION")
  expect(seen).toEqual([])
  expect(await tell({})).toBe("done")
})

const reasons = [
  ["an error of its own", () => new TypeError("the shelf is undefined"), "TypeError: the shelf is undefined"],
  ["a refusal that it let through", () => new Refusal("shelf", "find", "UNKNOWN", {}), "Refusal: shelf.find refused: UNKNOWN"],
] as const

test.each(reasons)(
  "why a reaction failed (%s) is told to whoever keeps it, as a fault that the wire carries whole, and where is in the log",
  async (_, reason, text) => {
    const logged: string[] = []
    const log = createLog({ service: "main", instance: "1", destination: { write: (line) => void logged.push(line) } })
    const stock = defineModule({
      contract: stockContract,
      owner: "a",
      handlers: { take: () => async () => ({}), left: () => async () => ({}) },
    })
    const react = async () => {
      throw reason()
    }
    const order = defineModule({
      contract: orderContract,
      owner: "a",
      listens: { stock: stockContract },
      handlers: {},
      reactions: { stock: { taken: () => react } },
    })
    const host = await openHost(defineTopology({ modules: [stock, order] }), undefined, {}, log)
    const told = { caller: "stock", kind: "event", contract: "stock", operation: "taken", subscriber: "order", input: {} } as const
    const trace = newRootSpanIds()
    const { reply } = host.seam.send({ ...told, remainingMs: 1_000, trace, identity: undefined, idempotencyKey: "event 1" })
    const error: unknown = await reply.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(errorOfReply(replyOfError(1, error), "stock", "taken")).toMatchObject({ code: "INTERNAL", message: reason().message })
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      {
        msg: "order failed in its reaction to stock.taken",
        error: expect.stringMatching(new RegExp(`^${text}\\n +at .*dispatch\\.test\\.ts`)),
        trace_id: trace.traceId,
        module: "order",
      },
    ])
  },
)

test("a call has as much time as its caller has left and its operation may take, and is not begun without any", async () => {
  const { seen, send } = await open()
  for (const remainingMs of [0, -1, Number.NaN]) expect(await send({ remainingMs })).toBe("DEADLINE_EXCEEDED")
  expect(seen).toEqual([])
  expect([await send({ remainingMs: 2_000 }), await send({ remainingMs: 60_000 })]).toEqual(["done", "done"])
  const [short, long] = seen.map(({ leftMs }) => leftMs)
  expect(short).toBeLessThanOrEqual(2_001)
  expect(long).toBeLessThanOrEqual(4_001)
})
