import { Validator } from "@seriousme/openapi-schema-validator"
import { command, createClient, defineContract, defineModule, isFault, query, refusalOf } from "@hanok/contract"
import type { Module } from "@hanok/contract"
import { toStandardJsonSchema } from "@valibot/to-json-schema"
import { type } from "arktype"
import * as v from "valibot"
import { expect, test } from "vitest"
import { z } from "zod"
import { ask, kim, openGateway, tokenFor } from "./fixture.ts"

// The same contract in each library; the handlers give back more than it declares.

const zodContract = defineContract("zod", {
  find: query({
    input: z.object({ sku: z.string().min(2), limit: z.int().optional() }),
    output: z.object({ sku: z.string(), lines: z.array(z.object({ left: z.number() })) }),
    http: "GET /zod/{sku}",
    access: "public",
  }),
  take: command({
    input: z.object({ sku: z.string(), quantity: z.int().positive().default(1) }),
    output: z.object({ left: z.number() }),
    refusals: { SOLD_OUT: z.object({ left: z.number() }) },
    http: "POST /zod/{sku}/take",
  }),
})

const valibotContract = defineContract("valibot", {
  find: query({
    input: toStandardJsonSchema(v.object({ sku: v.pipe(v.string(), v.minLength(2)), limit: v.optional(v.pipe(v.number(), v.integer())) })),
    output: toStandardJsonSchema(v.object({ sku: v.string(), lines: v.array(v.object({ left: v.number() })) })),
    http: "GET /valibot/{sku}",
    access: "public",
  }),
  take: command({
    input: toStandardJsonSchema(v.object({ sku: v.string(), quantity: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1) })),
    output: toStandardJsonSchema(v.object({ left: v.number() })),
    refusals: { SOLD_OUT: toStandardJsonSchema(v.object({ left: v.number() })) },
    http: "POST /valibot/{sku}/take",
  }),
})

const arktypeContract = defineContract("arktype", {
  find: query({
    input: type({ sku: "string >= 2", "limit?": "number.integer" }),
    output: type({ sku: "string", lines: type({ left: "number" }).array() }),
    http: "GET /arktype/{sku}",
    access: "public",
  }),
  take: command({
    input: type({ sku: "string", quantity: "number.integer > 0 = 1" }),
    output: type({ left: "number" }),
    refusals: { SOLD_OUT: type({ left: "number" }) },
    http: "POST /arktype/{sku}/take",
  }),
})

const find = async ({ sku, limit = 1 }: { sku: string; limit?: number | undefined }) => ({
  sku,
  lines: Array.from({ length: limit }, (_, left) => ({ left, secret: "inside" })),
  secret: "inside",
})
const inStock = 5
interface Refusing {
  refusal(code: "SOLD_OUT", details: { readonly left: number }): Error
}
const take = async ({ quantity }: { quantity: number }, context: Refusing) => {
  if (quantity > inStock) throw context.refusal("SOLD_OUT", { left: inStock })
  return { left: inStock - quantity }
}

const handlers = { find: () => find, take: () => take }

const zodModule = defineModule({ contract: zodContract, owner: "t", handlers })
const valibotModule = defineModule({ contract: valibotContract, owner: "t", handlers })
const arktypeModule = defineModule({ contract: arktypeContract, owner: "t", handlers })

const libraries: readonly (readonly [string, Module])[] = [
  ["zod", zodModule],
  ["valibot", valibotModule],
  ["arktype", arktypeModule],
]

test.each(libraries)("a contract in %s works from the outside in and back", async (name, module) => {
  const house = await openGateway([module])
  expect((await ask(house, `/${name}/ab?limit=2`)).body).toEqual({ sku: "ab", lines: [{ left: 0 }, { left: 1 }] })
  expect((await ask(house, `/${name}/ab/take`, { method: "POST", as: kim, body: {} })).body).toEqual({ left: 4 })
  const refused = await ask(house, `/${name}/ab/take`, { method: "POST", as: kim, body: { quantity: 9 } })
  expect(refused).toMatchObject({ status: 409, body: { code: "SOLD_OUT", details: { left: 5 } } })
})

test.each(libraries)("what does not fit a contract in %s is named by its field", async (name, module) => {
  const house = await openGateway([module])
  const fieldsOf = ({ body }: Awaited<ReturnType<typeof ask>>) => body.errors.map(({ field }: { field: string }) => field).sort()
  expect(fieldsOf(await ask(house, `/${name}/a?limit=x`))).toEqual(["/limit", "/sku"])
  expect(fieldsOf(await ask(house, `/${name}/ab/take`, { method: "POST", as: kim, body: { quantity: -1 } }))).toEqual(["/quantity"])
})

test("the three live in one topology with one OpenAPI document", async () => {
  const house = await openGateway([zodModule, valibotModule, arktypeModule])
  const { body } = await ask(house, "/openapi.json")
  expect((await new Validator().validate(structuredClone(body))).valid).toBe(true)
  expect(Object.keys(body.paths)).toHaveLength(6)
})

test("the client made from a contract in any of them has its types", async () => {
  const house = await openGateway([zodModule, valibotModule, arktypeModule])
  const options = { baseUrl: house.gateway.url, token: await tokenFor(kim) }
  const left: number[] = [
    (await createClient(zodContract, options).take({ sku: "ab" })).left,
    (await createClient(valibotContract, options).take({ sku: "ab", quantity: 2 })).left,
    (await createClient(arktypeContract, options).take({ sku: "ab", quantity: 3 })).left,
  ]
  expect(left).toEqual([4, 3, 2])
  const error: unknown = await createClient(arktypeContract, options)
    .take({ sku: "ab", quantity: 6 })
    .catch((thrown: unknown) => thrown)
  expect(refusalOf(arktypeContract, "take", error)?.details.left).toBe(5)
  expect(isFault(error)).toBe(false)
})
