import { command, defineContract, defineModule, defineTopology, isFault } from "@hanok/contract"
import type { Adapter, Context } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { createMemoryJournal } from "../memory/journal.ts"
import type { SeamCall } from "../seam/seam.ts"
import { openHost } from "./fixture.ts"

const nothing = z.object({})
const doing = () => command({ input: nothing, output: nothing })
const farContract = defineContract("far", { send: doing() })
const nearContract = defineContract("near", { keep: doing(), drop: doing() })
const shopContract = defineContract("shop", {
  buy: command({ input: z.object({ named: z.boolean() }), output: nothing, http: "POST /buy" }),
  undo: command({ input: z.object({ named: z.boolean() }), output: nothing, http: "POST /undo" }),
})

/** A host of `shop` and `near`, with the keys that their journals began and the calls that left for `far`. */
async function open() {
  const begun: string[] = []
  const sent: SeamCall[] = []
  const refused: string[] = []
  const store: Adapter<object> = {
    kind: "adapter",
    technology: "memory",
    async create({ module }) {
      const journal = createMemoryJournal()
      const begin: typeof journal.begin = (key, ...rest) => {
        begun.push(`${module}: ${key}`)
        return journal.begin(key, ...rest)
      }
      return { port: {}, journal: { ...journal, begin } }
    },
  }
  const near = defineModule({
    contract: nearContract,
    owner: "a",
    needs: { store },
    handlers: { keep: () => async () => ({}), drop: () => async () => ({}) },
  })
  const far = defineModule({ contract: farContract, owner: "a", handlers: { send: () => async () => ({}) } })
  const shop = defineModule({
    contract: shopContract,
    owner: "a",
    needs: { store },
    uses: { near: nearContract, far: farContract },
    handlers: {
      buy: (ports) => async (input: { named: boolean }, context: Context) => {
        await ports.near.keep({}, context, input.named ? { idempotencyKey: "named" } : {})
        await ports.far.send({}, context)
        return {}
      },
      undo: (ports) => async (_, context: Context) =>
        ports.near.drop({}, context, { idempotencyKey: "named" }).catch((error: unknown) => {
          refused.push(isFault(error) ? error.code : "")
          return {}
        }),
    },
  })
  const topology = defineTopology({ modules: [shop, near, far], services: { far: { modules: ["far"] } } })
  const send = (call: SeamCall) => {
    sent.push(call)
    return { reply: Promise.resolve({}), cancel: () => undefined }
  }
  const host = await openHost(topology, () => ({ send }))
  const ask = async (operation: string, idempotencyKey: string | undefined, named: boolean) => {
    const request = host.edge.entry({ name: `POST /${operation}`, target: { contract: "shop", operation } }).open(undefined)
    const call = { input: { named }, identity: undefined, idempotencyKey }
    await request.call(call).reply.finally(() => request.end(200))
  }
  const buy = (idempotencyKey: string | undefined, named = false) => ask("buy", idempotencyKey, named)
  const undo = () => ask("undo", undefined, true)
  return { buy, undo, begun, refused: () => refused, sent: () => sent.map(({ idempotencyKey }) => idempotencyKey) }
}

test("a command that came without a key is in no journal of its process, and has a key where it leaves it", async () => {
  const { buy, begun, sent } = await open()
  await buy(undefined)
  await buy(undefined)
  expect(begun).toEqual([])
  expect(new Set(sent()).size).toBe(2)
  expect(sent()).toEqual([expect.stringMatching(/^shop\.buy\|.+>far\.send#0$/), expect.stringMatching(/^shop\.buy\|.+>far\.send#0$/)])
})

test("a command that came with a key is in the journal, and so is what it calls", async () => {
  const { buy, begun, sent } = await open()
  await buy("k")
  await buy("k")
  expect(begun).toEqual(["shop: k", "near: k in shop.buy>near.keep#0", "shop: k"])
  expect(sent()).toEqual(["k in shop.buy>far.send#0"])
})

test("a key that a handler gives is in the journal, whoever asked", async () => {
  const { buy, begun } = await open()
  await buy(undefined, true)
  await buy(undefined, true)
  expect(begun).toEqual(["near: named", "near: named"])
})

test("a key that a handler gives to two commands of a module is refused to the second, which does not get the first one's answer", async () => {
  const { buy, undo, refused } = await open()
  await buy(undefined, true)
  await undo()
  expect(refused()).toEqual(["IDEMPOTENCY_KEY_REUSED"])
})
