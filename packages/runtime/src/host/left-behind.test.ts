import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { command, defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { newRootSpanIds } from "../recorder/index.ts"
import { openHost } from "./fixture.ts"
import type { Host } from "./host.ts"

const nothing = { input: z.object({}), output: z.object({}) }
const nearContract = defineContract("near", { wait: query(nothing) })
const farContract = defineContract("far", { wait: query(nothing) })
const shopContract = defineContract("shop", { buy: command({ ...nothing, http: "POST /buy", timeoutMs: 1_000 }) })

const ways: Readonly<Record<string, (host: Host) => Promise<unknown>>> = {
  "through the gateway": (host) => {
    const request = host.edge.entry({ name: "POST /buy", target: { contract: "shop", operation: "buy" } }).open(undefined)
    return request.call({ input: {}, identity: undefined, idempotencyKey: undefined }).reply.finally(() => request.end(200))
  },
  "from another process": ({ seam }) => {
    const call = { kind: "call", caller: "gateway", contract: "shop", operation: "buy", subscriber: undefined, input: {} } as const
    const rest = { remainingMs: 10_000, trace: newRootSpanIds(), identity: undefined, idempotencyKey: undefined }
    return seam.send({ ...call, ...rest }).reply
  },
}

test.each(Object.keys(ways))(
  "work that a handler has left behind and that listens to its signal is told of the deadline, when called %s",
  async (way) => {
    const told: unknown[] = []
    const shop = defineModule({
      contract: shopContract,
      owner: "a",
      handlers: {
        buy:
          () =>
          async (_, { signal }) => {
            void sleep(60_000, undefined, { signal, ref: false }).catch(() => told.push(signal.reason))
            return {}
          },
      },
    })
    const host = await openHost(defineTopology({ modules: [shop] }))
    await ways[way]?.(host)
    expect(told).toEqual([])
    await expect.poll(() => told).toMatchObject([{ code: "DEADLINE_EXCEEDED" }])
  },
)

const cases = Object.keys(ways).flatMap((way) => ["at once", "from a timer"].map((when) => [when, way] as const))

test.each(cases)(
  "a call that is begun %s, whose caller was called %s and ends before it, ends at its deadline all the same",
  async (when, way) => {
    const ended: string[] = []
    const answered = Promise.withResolvers<void>()
    const note = (where: string) => (error: unknown) => ended.push(`${where}: ${(error as { readonly code?: string }).code}`)
    const near = defineModule({
      contract: nearContract,
      owner: "a",
      handlers: {
        wait: () => async (_, context) => {
          await once(context.signal, "abort")
          ended.push("near was told")
          return {}
        },
      },
    })
    const far = defineModule({ contract: farContract, owner: "a", handlers: { wait: () => async () => ({}) } })
    const shop = defineModule({
      contract: shopContract,
      owner: "a",
      uses: { near: nearContract, far: farContract },
      handlers: {
        buy: (ports) => async (_, context) => {
          // Nobody waits for these.
          const begin = () => {
            void ports.near.wait({}, context).catch(note("near"))
            void ports.far.wait({}, context).catch(note("far"))
          }
          if (when === "at once") begin()
          else void answered.promise.then(() => setTimeout(begin, 1))
          return {}
        },
      },
    })
    const host = await openHost(defineTopology({ modules: [shop, near, far], services: { far: { modules: ["far"] } } }), () => ({
      send: () => ({ reply: new Promise(() => undefined), cancel: () => void ended.push("far was told") }),
    }))
    await ways[way]?.(host)
    answered.resolve()
    expect(ended).toEqual([])
    const all = ["far was told", "far: DEADLINE_EXCEEDED", "near was told", "near: DEADLINE_EXCEEDED"]
    await expect.poll(() => ended.toSorted()).toEqual(all)
  },
)
