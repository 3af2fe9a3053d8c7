import { refusalOf } from "@hanok/contract"
import { createSlice } from "@hanok/testkit"
import type { Slice } from "@hanok/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"
import { partnerContract } from "./contract.ts"
import { partnerModule } from "./module.ts"
import { partnerStoreInMemory } from "./store.memory.ts"

const owner = { subject: "owner", roles: ["customer"] }
const application = { name: "Seoul Ceramics", businessNumber: "123-45-67890" }
let slice: Slice

beforeEach(async () => {
  slice = await createSlice(partnerModule, { needs: { store: partnerStoreInMemory } })
})
afterEach(() => slice.close())

test("a partner waits, once registered, until it is enabled", async () => {
  const partners = slice.client(partnerContract)
  const { partnerId, state } = await partners.registerPartner(application, { identity: owner })
  expect(state).toBe("REGISTERED")
  expect((await partners.enablePartner({ partnerId })).state).toBe("ENABLED")
  expect(await partners.partnerById({ partnerId })).toEqual({ partnerId, name: application.name, state: "ENABLED" })
})

test("nobody is two partners", async () => {
  const partners = slice.client(partnerContract)
  const { partnerId } = await partners.registerPartner(application, { identity: owner })
  const error = await partners.registerPartner({ ...application, name: "Other" }, { identity: owner }).catch((caught: unknown) => caught)
  expect(refusalOf(partnerContract, "registerPartner", error)).toMatchObject({ code: "ALREADY_A_PARTNER", details: { partnerId } })
})

test("enabling and disabling are told once each, however often they are asked for", async () => {
  const partners = slice.client(partnerContract)
  const { partnerId } = await partners.registerPartner(application, { identity: owner })
  for (const _ of [1, 2]) await partners.enablePartner({ partnerId })
  for (const _ of [1, 2]) await partners.disablePartner({ partnerId })
  await slice.until(() => slice.eventsOf(partnerContract, "partnerDisabled").length > 0)
  expect(slice.eventsOf(partnerContract, "partnerEnabled")).toEqual([{ partnerId, ownerId: "owner" }])
  expect(slice.eventsOf(partnerContract, "partnerDisabled")).toEqual([{ partnerId, ownerId: "owner" }])
})

test("an unknown partner cannot be enabled", async () => {
  const error = await slice
    .client(partnerContract)
    .enablePartner({ partnerId: "nobody" })
    .catch((caught: unknown) => caught)
  expect(refusalOf(partnerContract, "enablePartner", error)?.code).toBe("PARTNER_NOT_FOUND")
})

test("many partners are read at once, and unknown ones left out", async () => {
  const partners = slice.client(partnerContract)
  const { partnerId } = await partners.registerPartner(application, { identity: owner })
  const found = await partners.partnersByIds({ partnerIds: [partnerId, "nobody"] })
  expect(found.map((partner) => partner.partnerId)).toEqual([partnerId])
})
