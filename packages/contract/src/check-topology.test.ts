import * as v from "valibot"
import { expect, test } from "vitest"
import { z } from "zod"
import * as zMini from "zod/mini"
import { defineAdapter } from "./adapter.ts"
import { checkTopology } from "./check-topology.ts"
import { defineContract } from "./contract.ts"
import type { Contract, Declarations } from "./contract.ts"
import { defineModule } from "./module.ts"
import type { Module, Uses } from "./module.ts"
import { command, event, query, refusal } from "./operation.ts"
import type { HttpRoute } from "./operation.ts"
import { defineTopology } from "./topology.ts"
import type { TopologyOptions } from "./topology.ts"
import { WiringError } from "./wiring-error.ts"

const nothing = z.object({})
const here = /check-topology\.test\.ts:\d+$/

/** A module with a handler for each operation; for faults that the compiler would find, `parts` is put in afterwards. */
function moduleOf(contract: Contract, parts: Partial<Module> = {}): Module {
  const operations = Object.entries(contract.declarations).filter(([, { kind }]) => kind !== "event")
  const handlers = Object.fromEntries(operations.map(([name]) => [name, () => async () => ({})]))
  return { ...defineModule({ contract: defineContract(contract.name, {}), owner: "t", handlers: {} }), contract, handlers, ...parts }
}

function named(name: string, uses: Uses = {}): Module {
  return moduleOf(defineContract(name, {}), { uses })
}

function problemsOf(modules: readonly Module[], options: Omit<TopologyOptions, "modules"> = {}) {
  return checkTopology(defineTopology({ modules, ...options }))
}

function messagesOf(modules: readonly Module[], options: Omit<TopologyOptions, "modules"> = {}): readonly string[] {
  return problemsOf(modules, options).map(({ message }) => message)
}

const routed = (http: HttpRoute, input: z.ZodType<unknown, Record<string, unknown>> = nothing) =>
  query({ input: input as typeof nothing, output: nothing, http })
const contractOf = (declarations: Declarations) => defineContract("gift", declarations)

test.each([
  [["order"], 'modules[0] is "order", and no module.'],
  [[named("order"), undefined], "modules[1] is undefined, and no module."],
  [[contractOf({})], "modules[0] is another object, and no module."],
  [undefined, "modules is undefined, and no list."],
])("what is no module makes no topology, and is named with the line: %o", (modules, message) => {
  // What a program without types can write.
  const define = () => defineTopology({ name: "shop", modules: modules as never })
  expect(define).toThrow(WiringError)
  expect(define).toThrow(message)
  expect(define).toThrow(/at .*check-topology\.test\.ts:\d+/)
})

test("a sound topology has no faults", () => {
  const gift = contractOf({ gifts: routed("GET /gifts"), gifted: event(nothing) })
  const order = moduleOf(defineContract("order", {}), {
    uses: { gift },
    listens: { gift },
    reactions: { gift: { gifted: () => async () => {} } },
  })
  expect(problemsOf([moduleOf(gift), order], { services: { order: { modules: ["order"], replicas: { min: 1, max: 3 } } } })).toEqual([])
})

test("a contract that is used but owned by nobody is told, with what is owned and where to look", () => {
  const gift = contractOf({})
  const [problem, ...more] = problemsOf([named("order", { gift }), named("stock")])
  expect(more).toEqual([])
  expect(problem?.message).toBe("order uses the contract gift, which no module of the topology owns.")
  expect(problem?.hint).toContain("Owned here: order, stock.")
  expect(problem?.at).toMatch(here)
})

test("a contract that is used in another version than its owner's names the field", () => {
  const claim = (input: typeof nothing) => contractOf({ claim: command({ input, output: nothing }) })
  const owned = claim(z.object({ giftId: z.string() }) as unknown as typeof nothing)
  expect(messagesOf([moduleOf(owned), named("order", { gift: claim(nothing) })])[0]).toContain(
    "another version of the contract gift than its owner has: claim, input/giftId",
  )
  expect(messagesOf([moduleOf(claim(nothing)), named("order", { gift: claim(nothing) })])).toEqual([])
})

test("two owners of one contract are told, each with its place", () => {
  const [problem, ...more] = problemsOf([named("gift"), named("gift")])
  expect(more).toEqual([])
  expect(problem?.message).toMatch(/^The contract gift has two owners, the other at .*check-topology\.test\.ts:\d+\.$/)
})

test("a circle of uses is told once, with its way", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => defineContract(name, {})) as [Contract, Contract, Contract]
  const modules = [moduleOf(a, { uses: { b } }), moduleOf(b, { uses: { c } }), moduleOf(c, { uses: { a } }), named("d", { a })]
  expect(messagesOf(modules)).toEqual(["Modules use each other in a circle: a → b → c → a."])
  expect(messagesOf([moduleOf(a, { uses: { a } })])).toEqual(["a uses its own contract."])
  expect(messagesOf([moduleOf(a, { uses: { b, c } }), moduleOf(b, { uses: { c } }), moduleOf(c)])).toEqual([])
})

test("two circles are two faults", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => defineContract(name, {})) as [Contract, Contract, Contract, Contract]
  const modules = [moduleOf(a, { uses: { b } }), moduleOf(b, { uses: { a } }), moduleOf(c, { uses: { d } }), moduleOf(d, { uses: { c } })]
  expect(messagesOf(modules)).toHaveLength(2)
})

test("handlers that are missing, and those too many, are told with what is declared", () => {
  const gift = contractOf({ gifts: routed("GET /gifts"), claim: command({ input: nothing, output: nothing }) })
  const problems = problemsOf([moduleOf(gift, { handlers: { gifts: () => async () => ({}), lost: () => async () => ({}) } })])
  expect(problems.map(({ message }) => message)).toEqual([
    "gift has no handler for claim.",
    "gift has a handler for lost, which its contract does not declare.",
  ])
  expect(problems[1]?.hint).toContain("Declared: gifts, claim.")
})

test("reactions to what is not listened to, and to what is no event, are told", () => {
  const gift = contractOf({ gifts: routed("GET /gifts"), gifted: event(nothing) })
  const react = () => async () => {}
  const order = moduleOf(defineContract("order", {}), {
    listens: { gift },
    reactions: { gift: { gifts: react, lost: react }, stock: { taken: react } },
  })
  expect(messagesOf([moduleOf(gift), order])).toEqual([
    "order has a reaction to gift.gifts, which is not an event of that contract.",
    "order has a reaction to gift.lost, which is not an event of that contract.",
    "order has reactions to stock, which it does not listen to.",
  ])
})

test("ports that would hide one another are told", () => {
  const clock = defineAdapter("clock", () => 0)
  const gift = contractOf({})
  expect(
    messagesOf([moduleOf(gift), moduleOf(defineContract("order", {}), { uses: { gift }, needs: { gift: clock, events: clock } })]),
  ).toEqual([
    "order has the name gift both in `uses` and in `needs`, so that one port would hide the other.",
    "order calls a port `events`, which is how it emits its own.",
  ])
})

test("proxies that the gateway cannot know by their address are told", () => {
  const trustedProxies = ["10.0.0.0/8", "127.0.0.1", "::1", "2001:db8::/32", "::ffff:10.0.0.1", "proxy.example.com", "10.0.0", ""]
  expect(messagesOf([named("gift")], { gateway: { trustedProxies } })).toEqual(
    ["proxy.example.com", "10.0.0", ""].map((proxy) => `"${proxy}" among the gateway's \`trustedProxies\` is no address.`),
  )
})

test("limits of an operation that are none, or longer than any call may take, are told", () => {
  const unset = Number(undefined)
  const ask = (limits: object) => query({ input: nothing, output: nothing, ...limits })
  const sound = contractOf({ gifts: ask({ timeoutMs: 300_000, retries: 0, hedgeAfterMs: 0.5 }) })
  const odd = contractOf({
    gifts: ask({ timeoutMs: unset, retries: unset, hedgeAfterMs: unset }),
    gift: ask({ timeoutMs: 600_000, retries: -1 }),
  })
  expect(messagesOf([moduleOf(sound)])).toEqual([])
  const problems = problemsOf([moduleOf(odd)])
  expect(problems.map(({ message }) => message)).toEqual([
    "The `timeoutMs` of gift.gifts is NaN.",
    "The `retries` of gift.gifts is NaN.",
    "The `hedgeAfterMs` of gift.gifts is NaN.",
    "The `timeoutMs` of gift.gift is 600000.",
    "The `retries` of gift.gift is -1.",
  ])
  expect(problems[0]).toMatchObject({ hint: "Give a number from 1 to 300000.", at: expect.stringMatching(here) })
  expect(problems[1]?.hint).toBe("Give a number from 0 on.")
})

test("an event that its subscribers could not take in as it is sent is told", () => {
  const day = z.codec(z.date(), z.iso.datetime(), { decode: (date) => date.toISOString(), encode: (text) => new Date(text) })
  const problems = problemsOf([moduleOf(contractOf({ gifted: event(z.object({ day })) }))])
  expect(problems.map(({ message }) => message)).toEqual([
    "There is no JSON Schema for the payload of gift.gifted: Date cannot be represented in JSON Schema.",
  ])
})

test("an event whose subscribers would refuse what its emitter makes of it is told, with the field", () => {
  const told = (n: z.ZodType<number | string>) => [moduleOf(contractOf({ told: event(z.object({ n })) }))]
  expect(messagesOf(told(z.string().transform(Number).pipe(z.int())))).toEqual([
    "What comes out of the payload's schema of gift.told does not go into it again: payload/n: it is integer, where string is expected.",
  ])
  expect(messagesOf(told(z.string().trim().max(9).default("")))).toEqual([])
  expect(messagesOf(told(z.union([z.int(), z.string().transform(Number).pipe(z.int())])))).toEqual([])
})

test("a schema without a JSON form is told with what carries it and why", () => {
  const length = z.string().transform((text) => text.length)
  const gift = contractOf({
    length: query({ input: nothing, output: z.object({ length }) }),
    wrap: command({ input: z.object({ length }), output: nothing }),
    late: query({ input: nothing, output: nothing, refusals: { LATE: z.object({ length }) } }),
    gifted: event(z.object({ length })),
  })
  const problems = problemsOf([moduleOf(gift)])
  expect(problems.map(({ message }) => message)).toEqual([
    "There is no JSON Schema for the output of gift.length: Transforms cannot be represented in JSON Schema.",
    "There is no JSON Schema for the input of gift.wrap: Transforms cannot be represented in JSON Schema.",
    "There is no JSON Schema for the refusal LATE of gift.late: Transforms cannot be represented in JSON Schema.",
    "There is no JSON Schema for the payload of gift.gifted: Transforms cannot be represented in JSON Schema.",
  ])
  expect(problems.every(({ at }) => here.test(at ?? ""))).toBe(true)
})

test("what only checks or only describes, and what is no schema at all, is told with the libraries that do both", () => {
  const input = v.object({ giftId: v.string() }) as never
  const missing = undefined as never
  // As Schema.toStandardJSONSchemaV1 of Effect gives it by itself.
  const { validate: _, ...describing } = nothing["~standard"]
  const described = { "~standard": { ...describing, vendor: "effect" } } as never
  const gift = contractOf({ one: query({ input, output: zMini.object({}) as never }), gone: event(missing), told: event(described) })
  const problems = problemsOf([moduleOf(gift)])
  expect(problems.map(({ message }) => message)).toEqual([
    "There is no JSON Schema for the input of gift.one: its library, valibot, does not describe it.",
    "There is no JSON Schema for the output of gift.one: its library, zod, does not describe it.",
    "There is no JSON Schema for the payload of gift.gone: what stands there is no schema.",
    "There is no check for the payload of gift.told: its library, effect, only describes it.",
  ])
  expect(problems.map(({ hint }) => hint)).toEqual(problems.map(() => expect.stringContaining("toStandardJsonSchema")))
})

test("refusals that would be taken for faults, or have no status of a refusal, are told", () => {
  const gift = contractOf({
    claim: command({ input: nothing, output: nothing, refusals: { UNAVAILABLE: nothing, GONE: refusal(nothing, { status: 500 }) } }),
  })
  expect(messagesOf([moduleOf(gift)])).toEqual([
    "The refusal UNAVAILABLE of gift.claim has the code of a fault.",
    "The refusal GONE of gift.claim has the HTTP status 500.",
  ])
})

test("text, numbers, truth values and null, and in a query lists of them, go into a URL", () => {
  const plain = z.union([z.string(), z.int(), z.boolean(), z.null(), z.enum(["a"])])
  const input = z.object({ id: plain, one: plain, more: z.array(plain).nullable(), pair: z.tuple([plain, plain]), any: z.unknown() })
  expect(messagesOf([moduleOf(contractOf({ one: routed("GET /gifts/{id}", input) }))])).toEqual([])
})

test("two operations with one route are told, whatever their fields are called", () => {
  const gift = contractOf({
    one: routed("GET /gifts/{giftId}", z.object({ giftId: z.string() })),
    two: routed("GET /gifts/{id}", z.object({ id: z.string() })),
    docs: routed("GET /docs"),
  })
  expect(messagesOf([moduleOf(gift)])).toEqual([
    "GET /gifts/{id} of gift.two is also the route of gift.one.",
    "/docs of gift.docs is one of the gateway's own paths.",
  ])
})

test.each([
  ["GET /gifts/{giftId}", z.object({ id: z.string() }), "{giftId} in the path of gift.one is not a field of its input."],
  ["GET /gifts", z.object({ to: z.object({ zip: z.string() }) }), "to of gift.one is not text"],
  ["GET /gifts", z.object({ rows: z.array(z.object({})) }), "rows of gift.one is not text"],
  ["DELETE /gifts/{ids}", z.object({ ids: z.array(z.string()) }), "ids of gift.one is not text"],
  ["GET /gifts", z.object({ at: z.object({ x: z.int() }).nullable() }), "at of gift.one is not text, a number or a boolean"],
  ["GET /gifts", z.object({ at: z.union([z.string(), z.record(z.string(), z.int())]) }), "at of gift.one is not text"],
  ["GET /gifts", z.object({ at: z.array(z.object({ x: z.int() }).nullable()) }), "at of gift.one is not text"],
  ["GET /gifts", z.object({ at: z.tuple([z.string(), z.object({ x: z.int() })]) }), "at of gift.one is not text"],
  ["GET /gifts/{id}", z.object({ id: z.array(z.string()).nullable() }), "id of gift.one is not text"],
  ["POST /gifts", z.array(z.string()), "The input of gift.one, which has a route, is not an object."],
  ["POST /gifts/", z.object({}), "/gifts/ of gift.one is not a path template."],
  ["POST /gifts/{id", z.object({}), "/gifts/{id of gift.one is not a path template."],
  ["POST /a/{id}{to}", z.object({ id: z.string(), to: z.string() }), "/a/{id}{to} of gift.one is not a path template."],
  ["GET /gifts", z.object({ to: z.object({ zip: z.string() }).meta({ id: "NamedPlace" }) }), "to of gift.one is not text"],
  ["POST /a/{id}/{id}", z.object({ id: z.string() }), "/a/{id}/{id} of gift.one is not a path template: id stands in it twice."],
] as const)("%s that cannot be is told", (http, input, message) => {
  expect(messagesOf([moduleOf(contractOf({ one: routed(http, input as unknown as typeof nothing) }))])[0]).toContain(message)
})

test("a word for who may call that there is not is told", () => {
  const [everybody, noList] = ["everybody", { anyof: ["clerk"] }] as const
  const one = query({ input: nothing, output: nothing, http: "GET /gifts", access: everybody as never })
  const two = query({ input: nothing, output: nothing, http: "GET /all-gifts", access: noList as never })
  expect(messagesOf([moduleOf(contractOf({ one, two }))])).toEqual([
    'The `access` of gift.one is "everybody".',
    'The `access` of gift.two is {"anyof":["clerk"]}.',
  ])
})

test("a route to which nobody has the role is told", () => {
  const access = { anyOf: [] }
  const one = query({ input: nothing, output: nothing, http: "GET /gifts", access })
  const inside = query({ input: nothing, output: nothing, access })
  expect(messagesOf([moduleOf(contractOf({ one, inside }))])).toEqual([
    "GET /gifts of gift.one lets nobody in: its `access` names no role.",
  ])
})

test("services that cannot be are told, all at once, where the topology is", () => {
  const services = {
    one: { modules: ["gift", "lost"], replicas: 0 },
    two: { modules: ["gift"], replicas: { min: 3, max: 2 } },
    Three: { modules: ["order"], replicas: 1.5 },
  }
  const problems = problemsOf([named("gift"), named("order")], { services, gateway: { port: 99_999 } })
  expect(problems.map(({ message }) => message)).toEqual([
    "The service one names the module lost, which is not in the topology.",
    "The service one is to have 0 replicas.",
    "The service two is to have at least 3 and at most 2 replicas.",
    '"Three" cannot be a service\'s name.',
    "The service Three is to have 1.5 replicas.",
    "The module gift is in more than one place: the services one and two.",
    "The gateway's `port` is 99999.",
  ])
  expect(problems.every(({ at }) => here.test(at ?? ""))).toBe(true)
})

test("a gateway in a service that there is not is told", () => {
  const topology = defineTopology({ modules: [named("gift")] })
  const moved = { ...topology, gateway: { ...topology.gateway, service: "edge" } }
  expect(checkTopology(moved).map(({ message }) => message)).toEqual(["The gateway is to run in the service edge, which there is not."])
})

test("a module of the name under which calls come in from outside is told", () => {
  expect(messagesOf([named("gateway")])).toEqual([`"gateway" cannot be a contract's name: it is that of the way in from outside.`])
})

test("a name that cannot go over the wire is told", () => {
  expect(messagesOf([named("Gift Shop")])[0]).toBe('"Gift Shop" cannot be a contract\'s name.')
})

test("the error lists every fault with its place and what to do", () => {
  const problems = problemsOf([named("order", { gift: contractOf({}) }), named("order")])
  const { message } = new WiringError("shop", problems)
  expect(message).toContain("The topology shop has 2 faults:")
  expect(message).toMatch(/at .*check-topology\.test\.ts:\d+/)
  for (const problem of problems) expect(message).toContain(problem.hint)
})
