import { Parser } from "@asyncapi/parser"
import { expect, test } from "vitest"
import { asyncApiOf } from "./asyncapi.ts"
import { arktypeContract, valibotContract, zodContract } from "./documents.fixture.ts"

const document = asyncApiOf([zodContract, valibotContract, arktypeContract], { title: "shop", version: "1.0.0" })

test("events of all three schema libraries become one valid AsyncAPI 3 document", { timeout: 120_000 }, async () => {
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document))
  expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([])
  expect(
    parsed
      ?.operations()
      .all()
      .map((operation) => operation.id())
      .sort(),
  ).toEqual(["send.gift-shop.giftClaimed", "send.mail.sent", "send.stock.taken"])
})

test("a payload does not forbid further fields, which a later version of the contract may tell", () => {
  expect(Object.keys(document.components.messages)).toContain("gift-shop.giftClaimed")
  expect(JSON.stringify(document)).not.toContain('"additionalProperties":false')
})

test("a channel says in which order its events come", () => {
  expect(document.components.messages["gift-shop.giftClaimed"]?.["description"]).toContain("In order for equal `giftId`")
  expect(document.components.messages["stock.taken"]?.["description"]).toContain("In no order")
})
