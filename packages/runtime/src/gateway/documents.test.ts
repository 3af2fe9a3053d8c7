import { Validator } from "@seriousme/openapi-schema-validator"
import { expect, test } from "vitest"
import { ask, createHouse } from "./fixture.ts"

test("the gateway serves a valid OpenAPI document of its routes", async () => {
  const { status, headers, body } = await ask(await createHouse(), "/openapi.json")
  expect(status).toBe(200)
  expect(headers.get("content-type")).toContain("application/json")
  expect(Object.keys(body.paths)).toContain("/parcels/{parcelId}")
  expect(JSON.stringify(body)).not.toContain("parcel_inside")
  expect((await new Validator().validate(body)).valid).toBe(true)
})

test("the gateway serves a page for reading, under a strict policy", async () => {
  const { gateway } = await createHouse()
  const response = await fetch(`${gateway.url}/docs`)
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8")
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'")
  expect(response.headers.get("x-trace-id")).toMatch(/^[0-9a-f]{32}$/)
  expect(await response.text()).toContain("/parcels/{parcelId}")
})
