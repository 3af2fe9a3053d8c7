import { refusalOf } from "@hanok/contract"
import { createSlice, fake } from "@hanok/testkit"
import type { Fake, Slice } from "@hanok/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"
import { partnerContract } from "../partner/contract.ts"
import type { Partner } from "../partner/contract.ts"
import { itemContract } from "./contract.ts"
import { itemModule } from "./module.ts"
import { itemStoreInMemory } from "./store.memory.ts"

const seller = { identity: { subject: "seller", roles: ["customer", "partner"] } }
const partner: Partner = { partnerId: "p", ownerId: "seller", name: "P", businessNumber: "123-45-67890", state: "ENABLED" }
const cup = { name: "Celadon cup", basePriceCents: 2000 }
let partners: Fake<typeof partnerContract>
let slice: Slice

beforeEach(async () => {
  partners = fake(partnerContract, {
    partnerOfOwner({ ownerId }, context) {
      if (ownerId !== "seller") throw context.refusal("PARTNER_NOT_FOUND", {})
      return partner
    },
    partnersByIds: () => [partner],
  })
  slice = await createSlice(itemModule, { needs: { store: itemStoreInMemory }, fakes: [partners] })
})
afterEach(() => slice.close())

const items = () => slice.client(itemContract)

async function onSale(name = cup.name) {
  const { itemId } = await items().createItem({ ...cup, name }, seller)
  return items().startSale({ itemId }, seller)
}

test("an item is a draft that only its seller sees, until its sale starts", async () => {
  const { itemId } = await items().createItem(cup, seller)
  const error = await items()
    .itemById({ itemId })
    .catch((caught: unknown) => caught)
  expect(refusalOf(itemContract, "itemById", error)?.code).toBe("ITEM_NOT_FOUND")
  expect((await items().itemById({ itemId }, seller)).state).toBe("DRAFT")
  await items().startSale({ itemId }, seller)
  expect(await items().itemById({ itemId })).toMatchObject({ state: "ON_SALE", variants: [{ sku: itemId, priceCents: 2000 }] })
})

test("only who acts for an enabled partner makes items", async () => {
  const stranger = { identity: { subject: "stranger", roles: ["partner"] } }
  const error = await items()
    .createItem(cup, stranger)
    .catch((caught: unknown) => caught)
  expect(refusalOf(itemContract, "createItem", error)?.code).toBe("PARTNER_NOT_ENABLED")
  partners.answer({ partnerOfOwner: () => ({ ...partner, state: "DISABLED" }) })
  const disabled = await items()
    .createItem(cup, seller)
    .catch((caught: unknown) => caught)
  expect(refusalOf(itemContract, "createItem", disabled)?.code).toBe("PARTNER_NOT_ENABLED")
})

test("an item of another seller is not found", async () => {
  const { itemId } = await onSale()
  const error = await items()
    .endSale({ itemId }, { identity: { subject: "stranger", roles: ["partner"] } })
    .catch((caught: unknown) => caught)
  expect(refusalOf(itemContract, "endSale", error)?.code).toBe("ITEM_NOT_FOUND")
})

test("a search finds what is on sale by any part of its name", async () => {
  const { itemId } = await onSale("Celadon cup")
  await onSale("Moon jar")
  await items().createItem({ ...cup, name: "Celadon draft" }, seller)
  const { items: found } = await items().items({ text: "ELAD" })
  expect(found.map((item) => item.itemId)).toEqual([itemId])
})

test("pages follow one another without a gap or a repetition", async () => {
  const made = []
  for (const number of [1, 2, 3, 4, 5]) made.push((await onSale(`Cup ${number}`)).itemId)
  const seen: string[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await items().items({ limit: 2, ...(cursor === undefined ? {} : { cursor }) })
    seen.push(...page.items.map(({ itemId }) => itemId))
    cursor = page.nextCursor
  }
  expect(seen.toSorted()).toEqual(made.toSorted())
})

test("a cursor that is none names its field", async () => {
  const error = await items()
    .items({ cursor: "2026-02-31T00:00:00.000Z_x" })
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: "INVALID_INPUT", issues: [{ field: "/cursor" }] })
})

test("selections are priced in the order asked, with one call to partner for all", async () => {
  const options = [
    { name: "white", extraPriceCents: 0 },
    { name: "celadon", extraPriceCents: 300 },
  ]
  const jar = await items().createItem({ name: "Moon jar", basePriceCents: 9000, optionGroups: [{ name: "Glaze", options }] }, seller)
  await items().startSale({ itemId: jar.itemId }, seller)
  const { itemId } = await onSale()
  const before = partners.calls.length
  const priced = await items().priceOfSelection({ selections: [{ itemId: jar.itemId, optionIds: ["1-2"] }, { itemId }] })
  expect(priced).toMatchObject([
    { sku: `${jar.itemId}.1-2`, unitPriceCents: 9300, sellerId: "seller" },
    { sku: itemId, unitPriceCents: 2000 },
  ])
  expect(partners.calls.length - before).toBe(1)
})

test("what is not for sale is not priced, and the refusal says which it was", async () => {
  const { itemId } = await onSale()
  const codeOf = async (selection: { itemId: string; optionIds?: string[] }) => {
    const error = await items()
      .priceOfSelection({ selections: [selection] })
      .catch((caught: unknown) => caught)
    return refusalOf(itemContract, "priceOfSelection", error)
  }
  expect(await codeOf({ itemId: "nothing" })).toMatchObject({ code: "ITEM_NOT_FOUND", details: { itemId: "nothing" } })
  expect(await codeOf({ itemId, optionIds: ["1-1"] })).toMatchObject({ code: "UNKNOWN_OPTIONS" })
  const draft = await items().createItem(cup, seller)
  expect(await codeOf({ itemId: draft.itemId })).toMatchObject({ code: "ITEM_NOT_FOUND" })
  const ended = await onSale()
  await items().endSale({ itemId: ended.itemId }, seller)
  expect(await codeOf({ itemId: ended.itemId })).toMatchObject({ code: "ITEM_NOT_ON_SALE" })
  partners.answer({ partnersByIds: () => [{ ...partner, state: "DISABLED" }] })
  expect(await codeOf({ itemId })).toMatchObject({ code: "ITEM_NOT_ON_SALE" })
})

test("a disabled partner's sales end", async () => {
  const { itemId } = await onSale()
  const draft = await items().createItem(cup, seller)
  await slice.tell(partnerContract, "partnerDisabled", { partnerId: "p", ownerId: "seller" })
  expect((await items().itemById({ itemId })).state).toBe("ENDED")
  expect((await items().itemById({ itemId: draft.itemId }, seller)).state).toBe("DRAFT")
  expect((await items().items({})).items).toEqual([])
})

test("a sale that starts while its partner is disabled ends with the others", async () => {
  const { itemId } = await items().createItem(cup, seller)
  partners.answer({
    async partnerOfOwner() {
      partners.answer({ partnerOfOwner: () => ({ ...partner, state: "DISABLED" }) })
      await slice.tell(partnerContract, "partnerDisabled", { partnerId: "p", ownerId: "seller" })
      // Answered before it was disabled.
      return partner
    },
  })
  const error = await items()
    .startSale({ itemId }, seller)
    .catch((caught: unknown) => caught)
  expect(refusalOf(itemContract, "startSale", error)?.code).toBe("PARTNER_NOT_ENABLED")
  expect((await items().items({})).items).toEqual([])
})

test("too many variants are refused with their number", async () => {
  const options = Array.from({ length: 15 }, (_, index) => ({ name: `option ${index}`, extraPriceCents: 0 }))
  const groups = ["one", "two"].map((name) => ({ name, options }))
  const error = await items()
    .createItem({ ...cup, optionGroups: groups }, seller)
    .catch((caught: unknown) => caught)
  expect(refusalOf(itemContract, "createItem", error)).toMatchObject({ code: "TOO_MANY_VARIANTS", details: { variants: 225, most: 200 } })
})

test("a stock-keeping unit is its seller's, and only one that an item has", async () => {
  const { itemId } = await onSale()
  expect(await items().sellerOfSku({ sku: itemId })).toEqual({ itemId, partnerId: "p", sellerId: "seller" })
  const error = await items()
    .sellerOfSku({ sku: `${itemId}.1-1` })
    .catch((caught: unknown) => caught)
  expect(refusalOf(itemContract, "sellerOfSku", error)?.code).toBe("ITEM_NOT_FOUND")
})
