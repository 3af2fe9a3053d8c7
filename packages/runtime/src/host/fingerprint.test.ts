import { hash } from "node:crypto"
import { command, defineContract, defineModule, defineTopology } from "@hanok/contract"
import type { Adapter } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { createMemoryJournal } from "../memory/journal.ts"
import { openHost } from "./fixture.ts"

const customerContract = defineContract("customer", {
  register: command({ input: z.object({ password: z.string() }), output: z.object({}), http: "POST /customers" }),
})
const input = { password: "a word that is easily guessed" }

/** What the journal of a host with that secret keeps of an input. */
async function keptWith(secret: string | undefined): Promise<string> {
  let kept = ""
  const store: Adapter<object> = {
    kind: "adapter",
    technology: "memory",
    async create() {
      const journal = createMemoryJournal()
      const begin: typeof journal.begin = (key, fingerprint, ...rest) => journal.begin(key, (kept = fingerprint), ...rest)
      return { port: {}, journal: { ...journal, begin } }
    },
  }
  const customer = defineModule({
    contract: customerContract,
    owner: "team-customer",
    needs: { store },
    handlers: { register: () => () => ({}) },
  })
  const host = await openHost(defineTopology({ modules: [customer] }), undefined, { HANOK_SECRET: secret })
  const request = host.edge.entry({ name: "POST /customers", target: { contract: "customer", operation: "register" } }).open(undefined)
  await request.call({ input, identity: undefined, idempotencyKey: "key-1" }).reply
  request.end(200)
  return kept
}

test("what a journal keeps of an input tells nothing to whoever does not know the secret, and is the same in every process that does", async () => {
  const [first, again, other, without] = [
    await keptWith("a secret of this test, long enough"),
    await keptWith("a secret of this test, long enough"),
    await keptWith("another secret of this test"),
    await keptWith(undefined),
  ]
  expect(again).toBe(first)
  expect(new Set([first, other, without, hash("sha256", JSON.stringify(input), "base64url").slice(0, first.length)]).size).toBe(4)
})
