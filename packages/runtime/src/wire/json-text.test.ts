import { defineContract, defineModule, defineTopology, isFault, isRefusal, query, Refusal } from "@hanok/contract"
import { assert, asyncProperty, jsonValue } from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { startService } from "../host/service.ts"
import { jsonOf, JsonText, valueOf } from "../seam/json-text.ts"
import { callerOf, callOf, echoing, outcome, secret, serve } from "./fixture.ts"

// The name that no parser lets through: the library that reads the wire renames it.
const values = jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('"__proto__"'))

test("an output that is passed on as JSON comes as the text of the values that others get", async () => {
  const seam = callerOf([await serve(echoing)])
  await assert(
    asyncProperty(values, async (value) => {
      const asked = [true, false].map((wantsJson) => seam.send(callOf(value, { wantsJson })).reply)
      const [passedOn, read] = await Promise.all(asked)
      expect(passedOn).toBeInstanceOf(JsonText)
      expect(jsonOf(passedOn)).toBe(JSON.stringify(value))
      expect(jsonOf(passedOn)).toBe(jsonOf(read))
      expect(valueOf(passedOn)).toEqual(valueOf(read))
    }),
  )
})

test("what is no JSON text comes as it does without: nothing at all, an output that cannot be sent, a refusal", async () => {
  const circle: Record<string, unknown> = {}
  circle["self"] = circle
  const outcomes = [() => undefined, () => circle, () => refuse()]
  const refuse = () => {
    throw new Refusal("echo", "echo", "TOO_LOUD", { db: 120 })
  }
  const next = async () => outcomes.shift()?.()
  const seam = callerOf([await serve({ send: () => ({ reply: next(), cancel: () => undefined }) })])
  const ask = () => outcome(seam.send(callOf({}, { wantsJson: true })))
  expect(await ask()).toBeUndefined()
  expect(isFault(await ask(), "INVALID_OUTPUT")).toBe(true)
  const refused = await ask()
  expect(isRefusal(refused) && [refused.code, refused.details]).toEqual(["TOO_LOUD", { db: 120 }])
})

const shelfContract = defineContract("shelf", {
  shelf: query({
    input: z.object({ name: z.string() }),
    output: z.object({ name: z.string(), sizes: z.array(z.number()), note: z.string().nullable(), room: z.string().optional() }).optional(),
    access: "public",
    http: "GET /shelves/{name}",
  }),
})
const shelfModule = defineModule({
  contract: shelfContract,
  owner: "team-shelf",
  handlers: {
    shelf:
      () =>
      async ({ name }) =>
        name === "none" ? undefined : { name, sizes: [0.5, -0, 1e21], note: null, secret: "not in the contract" },
  },
})

test("a gateway answers byte for byte alike, whether the module is in its process or in another", async () => {
  const env = { HANOK_SECRET: secret, HANOK_GATEWAY_PORT: "0" }
  const modules = [shelfModule]
  const together = await startService({ topology: defineTopology({ modules }), service: "main", env, discovery: createAddressBook() })
  const apart = defineTopology({ modules, services: { shelf: { modules: ["shelf"] } } })
  const shelf = await startService({ topology: apart, service: "shelf", env, discovery: createAddressBook() })
  const discovery = createAddressBook({ shelf: [shelf.seamAddress] })
  const front = await startService({ topology: apart, service: "main", env, discovery })
  onTestFinished(async () => void (await Promise.all([together, front, shelf].map((service) => service.close({ graceMs: 0 })))))
  await expect.poll(() => front.unready()).toEqual([])
  for (const { gatewayUrl } of [together, front]) {
    const answerOf = async (name: string) => {
      const response = await fetch(`${gatewayUrl}/shelves/${encodeURIComponent(name)}`)
      return [response.status, response.headers.get("content-type"), await response.text()]
    }
    const type = "application/json; charset=utf-8"
    expect(await answerOf("한옥 🏠")).toEqual([200, type, '{"name":"한옥 🏠","sizes":[0.5,0,1e+21],"note":null}'])
    // RFC 9110, section 15.3.5: nothing is no JSON.
    expect(await answerOf("none")).toEqual([204, null, ""])
  }
})
