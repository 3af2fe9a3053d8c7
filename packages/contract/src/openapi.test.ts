import { Validator } from "@seriousme/openapi-schema-validator"
import { type } from "arktype"
import { expect, test } from "vitest"
import { z } from "zod"
import { defineContract } from "./contract.ts"
import { arktypeContract, valibotContract, zodContract } from "./documents.fixture.ts"
import { internalOpenApiOf } from "./openapi-internal.ts"
import { openApiOf } from "./openapi.ts"
import type { OpenApiDocument } from "./openapi-document.ts"
import { command, query } from "./operation.ts"

const document = openApiOf([zodContract, valibotContract, arktypeContract], {
  title: "shop",
  version: "1.0.0",
  servers: ["https://shop.example"],
})

async function faultsOf(checked: OpenApiDocument) {
  const validator = new Validator()
  // The validator takes plain objects, and changes them.
  const { valid, errors } = await validator.validate(structuredClone(checked) as unknown as Record<string, unknown>)
  validator.resolveRefs()
  return valid ? [] : errors
}

test("contracts of all three schema libraries become one valid OpenAPI 3.1 document", async () => {
  expect(await faultsOf(document)).toEqual([])
  expect(document.openapi).toBe("3.1.1")
})

test("the document for programs inside is valid for each of them", async () => {
  for (const contract of [zodContract, valibotContract, arktypeContract]) expect(await faultsOf(internalOpenApiOf(contract))).toEqual([])
})

test("an output that may be nothing is an answer without content, too", () => {
  const output = z.object({ giftId: z.string() })
  const contract = defineContract("shelf", {
    find: query({ input: z.object({}), output: output.optional(), http: "GET /found" }),
    take: query({ input: z.object({}), output, http: "GET /taken" }),
  })
  const { paths } = openApiOf([contract], { title: "shelf", version: "1.0.0" })
  expect(paths["/found"]?.["get"]?.responses["204"]?.content).toBeUndefined()
  expect(Object.keys(paths["/found"]?.["get"]?.responses ?? {}).slice(0, 2)).toEqual(["200", "204"])
  expect(Object.keys(paths["/taken"]?.["get"]?.responses ?? {})).not.toContain("204")
})

test("an output whose check throws when there is nothing has a document all the same", () => {
  const output = type("unknown").narrow((value) => String(value).length > 0 && (value as { readonly size: number }).size > 0)
  const contract = defineContract("shelf", { look: query({ input: z.object({}), output, http: "GET /look" }) })
  const { paths } = openApiOf([contract], { title: "shelf", version: "1.0.0" })
  expect(paths["/look"]?.["get"]?.responses["204"]).toBeUndefined()
})

test("paths that differ only in what their fields are called are one path, as OpenAPI wants it", () => {
  const contract = defineContract("shelf", {
    gift: query({ input: z.object({ giftId: z.int() }), output: z.object({}), http: "GET /gifts/{giftId}" }),
    drop: command({ input: z.object({ why: z.string(), id: z.string() }), output: z.object({}), http: "DELETE /gifts/{id}" }),
    lines: query({ input: z.object({ id: z.string(), line: z.int() }), output: z.object({}), http: "GET /gifts/{id}/{line}" }),
  })
  const { paths } = openApiOf([contract], { title: "shelf", version: "1.0.0" })
  expect(Object.entries(paths).map(([path, byMethod]) => [path, Object.keys(byMethod)])).toEqual([
    ["/gifts/{giftId}", ["get", "delete"]],
    ["/gifts/{id}/{line}", ["get"]],
  ])
  expect(paths["/gifts/{giftId}"]?.["delete"]?.parameters.map(({ name, in: where, schema }) => [name, where, schema["type"]])).toEqual([
    ["giftId", "path", "string"],
    ["why", "query", "string"],
    ["Idempotency-Key", "header", "string"],
  ])
})

test("what has no route is not in the document for outside, and is in that for inside", () => {
  expect(JSON.stringify(document)).not.toContain("gift_shop_inside")
  expect(internalOpenApiOf(zodContract).paths["/rpc/gift-shop/inside"]?.["post"]?.operationId).toBe("gift_shop_inside")
})

test("path, query and body are where the gateway looks for them", () => {
  const gifts = document.paths["/orders/{orderId}/gifts"]?.["get"]
  expect(gifts?.parameters.map(({ name, in: where, required }) => [name, where, required])).toEqual([
    ["orderId", "path", true],
    ["limit", "query", false],
    ["tags", "query", false],
  ])
  const claim = document.paths["/gifts/{giftId}/claim"]?.["post"]
  expect(claim?.parameters.map(({ name }) => name)).toEqual(["giftId", "Idempotency-Key"])
  expect(claim?.requestBody).toEqual({
    required: true,
    content: {
      "application/json": {
        schema: { type: "object", properties: { to: { $ref: "#/components/schemas/Address" } }, required: ["to"] },
      },
    },
  })
  expect(document.paths["/gifts/{giftId}"]?.["delete"]?.requestBody).toBeUndefined()
})

test("a choice of inputs keeps its choices without the fields of the path", () => {
  const body = document.paths["/gifts/{giftId}/payment"]?.["put"]?.requestBody?.content["application/json"]?.schema
  expect(JSON.stringify(body)).not.toContain("giftId")
  expect(body?.["oneOf"]).toHaveLength(2)
})

test("who may call is told as security alternatives", () => {
  expect(document.paths["/orders/{orderId}/gifts"]?.["get"]?.security).toEqual([{}, { bearer: [] }])
  expect(document.paths["/gifts/{giftId}"]?.["delete"]?.security).toEqual([{ bearer: [] }])
  expect(document.paths["/gifts/{giftId}/payment"]?.["put"]?.security).toEqual([{ bearer: ["clerk"] }, { bearer: ["admin"] }])
})

test("a refusal is a problem with its code, at its status; inside always at 409", () => {
  const responses = document.paths["/gifts/{giftId}/claim"]?.["post"]?.responses
  expect(responses?.["404"]?.description).toBe("Refused: NO_GIFT.")
  expect(JSON.stringify(responses?.["409"]?.content)).toContain('"const":"GIFT_EXPIRED"')
  const inside = internalOpenApiOf(zodContract).paths["/rpc/gift-shop/claimGift"]?.["post"]?.responses
  expect(inside?.["404"]).toBeUndefined()
  expect(inside?.["409"]?.description).toBe("Refused: GIFT_EXPIRED. Refused: NO_GIFT. The same command is still being carried out.")
})

test("schemas with a name are written once, and what refers to itself gets one", () => {
  expect(Object.keys(document.components.schemas).sort()).toEqual(["Address", "Gift", "Problem", "gift_shop_tree_output"])
  expect(JSON.stringify(document)).not.toContain("#/$defs")
})

test("a choice of inputs that have names is looked into for what is in the path, the query and the body", () => {
  const Card = z.object({ giftId: z.string(), method: z.literal("card"), number: z.string() }).meta({ id: "CardPayment" })
  const Cash = z.object({ giftId: z.string(), method: z.literal("cash") }).meta({ id: "CashPayment" })
  const input = z.discriminatedUnion("method", [Card, Cash])
  const contract = defineContract("till", {
    pay: command({ input, output: z.object({}), http: "PUT /gifts/{giftId}/payment" }),
    find: query({ input, output: z.object({}), http: "GET /payments" }),
  })
  const { paths } = openApiOf([contract], { title: "till", version: "1.0.0" })
  const body = paths["/gifts/{giftId}/payment"]?.["put"]?.requestBody
  expect(body?.required).toBe(true)
  expect(JSON.stringify(body)).not.toContain("giftId")
  expect(paths["/payments"]?.["get"]?.parameters.map(({ name, required }) => [name, required])).toEqual([
    ["giftId", true],
    ["method", true],
    ["number", false],
  ])
})

test("a field with a name, in path or query, refers to that and to nothing that the document has not", async () => {
  const Id = z.string().meta({ id: "GiftId" })
  const Ids = z.array(Id).meta({ id: "GiftIds" })
  const contract = defineContract("shelf", {
    gift: query({ input: z.object({ id: Id, like: Ids }), output: z.object({}), http: "GET /gifts/{id}" }),
  })
  const found = openApiOf([contract], { title: "shelf", version: "1.0.0" })
  expect(await faultsOf(found)).toEqual([])
  expect(found.paths["/gifts/{id}"]?.["get"]?.parameters.map(({ schema }) => schema)).toEqual([
    { $ref: "#/components/schemas/GiftId" },
    { $ref: "#/components/schemas/GiftIds" },
  ])
})

test("an input whose fields may have any name is a body, whichever fields it lists", () => {
  const put = (input: z.ZodType<object, object>, http: `PUT /${string}`) => command({ input, output: z.object({}), http })
  const contract = defineContract("settings", {
    all: put(z.record(z.string(), z.int()), "PUT /settings"),
    both: put(z.record(z.enum(["day", "night"]), z.int()), "PUT /both"),
    own: put(z.object({ userId: z.string() }).catchall(z.int()), "PUT /users/{userId}/settings"),
    none: put(z.object({ userId: z.string() }), "PUT /users/{userId}/seen"),
  })
  const { paths } = openApiOf([contract], { title: "settings", version: "1.0.0" })
  const bodyOf = (path: string) => paths[path]?.["put"]?.requestBody
  const numbers = { type: "object", additionalProperties: { type: "integer" } }
  expect(bodyOf("/settings")).toMatchObject({ required: false, content: { "application/json": { schema: numbers } } })
  expect(bodyOf("/both")).toMatchObject({ required: true, content: { "application/json": { schema: { required: ["day", "night"] } } } })
  expect(bodyOf("/users/{userId}/settings")).toMatchObject({ content: { "application/json": { schema: { ...numbers, properties: {} } } } })
  expect(bodyOf("/users/{userId}/seen")).toBeUndefined()
})

test("a query whose fields may have any name says so in one parameter, whichever fields it lists", async () => {
  const get = (input: z.ZodType<object, object>, http: `GET /${string}`) => query({ input, output: z.object({}), http })
  const contract = defineContract("shelf", {
    any: get(z.record(z.string(), z.string()), "GET /any"),
    both: get(z.record(z.enum(["day", "night"]), z.string()), "GET /both"),
    more: get(z.object({ page: z.string() }).catchall(z.string().max(9)), "GET /more"),
    none: get(z.object({}), "GET /none"),
  })
  const found = openApiOf([contract], { title: "shelf", version: "1.0.0" })
  expect(await faultsOf(found)).toEqual([])
  const parametersAt = (path: string) => found.paths[path]?.["get"]?.parameters
  const any = { name: "others", in: "query", schema: { type: "object", additionalProperties: { type: "string" } } }
  expect(parametersAt("/any")).toMatchObject([{ ...any, required: false }])
  expect(parametersAt("/both")).toMatchObject([{ ...any, required: true, schema: { required: ["day", "night"] } }])
  const more = { type: "object", additionalProperties: { type: "string", maxLength: 9 } }
  expect(parametersAt("/more")).toEqual([
    { name: "page", in: "query", required: true, schema: { type: "string" } },
    { name: "others", in: "query", required: false, schema: more },
  ])
  expect(parametersAt("/none")).toEqual([])
})

test("a field of the query that is another in each choice of inputs may be what it is in any of them", () => {
  const input = z.discriminatedUnion("by", [
    z.object({ by: z.literal("number"), value: z.int(), page: z.int() }),
    z.object({ by: z.literal("name"), value: z.string(), page: z.int() }),
  ])
  const contract = defineContract("shelf", { find: query({ input, output: z.object({}), http: "GET /found" }) })
  const { paths } = openApiOf([contract], { title: "shelf", version: "1.0.0" })
  const [by, value, page] = paths["/found"]?.["get"]?.parameters ?? []
  expect(by?.schema).toMatchObject({ anyOf: [{ const: "number" }, { const: "name" }] })
  expect(value?.schema).toMatchObject({ anyOf: [{ type: "integer" }, { type: "string" }] })
  expect(page?.schema).toMatchObject({ type: "integer" })
})

test("an input that refers to itself keeps, further down, the field that is in the path", () => {
  interface Folder { readonly id: string; readonly folders: readonly Folder[] } // prettier-ignore
  const Folder: z.ZodType<Folder, Folder> = z.object({ id: z.string(), get folders() { return z.array(Folder) } }) // prettier-ignore
  const contract = defineContract("disk", { change: command({ input: Folder, output: z.object({}), http: "PUT /folders/{id}" }) })
  const { paths, components } = openApiOf([contract], { title: "disk", version: "1.0.0" })
  const body = paths["/folders/{id}"]?.["put"]?.requestBody?.content["application/json"]?.schema
  expect(body).toMatchObject({
    properties: { folders: { items: { $ref: "#/components/schemas/disk_change_input" } } },
    required: ["folders"],
  })
  expect(components.schemas["disk_change_input"]).toMatchObject({ required: ["id", "folders"] })
})

test("no two operations have one id, however they are called", () => {
  const find = query({ input: z.object({}), output: z.object({}) })
  const { paths } = internalOpenApiOf([defineContract("gift", { card_find: find }), defineContract("gift-card", { find })])
  expect(Object.values(paths).map(({ post }) => post?.operationId)).toEqual(["gift_card__find", "gift_card_find"])
})
