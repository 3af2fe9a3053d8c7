import { command, defineContract, defineModule, defineTopology, isFault } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import type { SeamCall } from "../seam/seam.ts"
import { openHost } from "./fixture.ts"

const nothing = { input: z.object({}), output: z.object({}) }
const nearContract = defineContract("near", { take: command(nothing) })
const farContract = defineContract("far", { take: command(nothing) })
const shopContract = defineContract("shop", {
  buy: command({
    input: z.object({ busyMs: z.int(), timeoutMs: z.int().optional() }),
    output: z.object({ near: z.string(), far: z.string() }),
    http: "POST /buy",
    timeoutMs: 100,
  }),
})

/** A host of `shop`, which keeps the processor busy before it calls `near`, in the same process, and `far`. */
async function open() {
  const begun: string[] = []
  const answers: unknown[] = []
  const near = defineModule({
    contract: nearContract,
    owner: "a",
    handlers: { take: () => async () => (begun.push("near"), {}) },
  })
  const far = defineModule({ contract: farContract, owner: "a", handlers: { take: () => async () => ({}) } })
  const shop = defineModule({
    contract: shopContract,
    owner: "a",
    uses: { near: nearContract, far: farContract },
    handlers: {
      buy:
        (ports) =>
        async ({ busyMs, timeoutMs }, context) => {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, busyMs)
          const options = timeoutMs === undefined ? undefined : { timeoutMs }
          const codeOf = (error: unknown) => (isFault(error) ? error.code : String(error))
          const calls = [ports.near.take({}, context, options), ports.far.take({}, context, options)]
          for (const call of calls) answers.push(await call.then(() => "done", codeOf))
          return { near: "", far: "" }
        },
    },
  })
  const send = ({ contract }: SeamCall) => {
    begun.push(contract)
    return { reply: Promise.resolve({}), cancel: () => undefined }
  }
  const host = await openHost(defineTopology({ modules: [shop, near, far], services: { far: { modules: ["far"] } } }), () => ({ send }))
  const buy = (input: { readonly busyMs: number; readonly timeoutMs?: number }) => {
    const request = host.edge.entry({ name: "POST /buy", target: { contract: "shop", operation: "buy" } }).open(undefined)
    const call = request.call({ input, identity: undefined, idempotencyKey: undefined })
    return call.reply.catch(() => undefined).finally(() => request.end(200))
  }
  return { begun, answers, buy }
}

test("a call whose caller has kept the processor busy beyond its deadline is not begun, wherever it goes", async () => {
  const { begun, answers, buy } = await open()
  await buy({ busyMs: 150 })
  await expect.poll(() => answers).toEqual(["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"])
  expect(begun).toEqual([])
})

test("a call that is given no time is not begun, wherever it goes", async () => {
  for (const timeoutMs of [0, -1]) {
    const { begun, answers, buy } = await open()
    await buy({ busyMs: 0, timeoutMs })
    await expect.poll(() => answers).toEqual(["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"])
    expect(begun).toEqual([])
  }
})
