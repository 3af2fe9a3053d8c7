import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { check } from "./check.ts"

const repository = fileURLToPath(new URL("../../../../", import.meta.url))

test("this repository keeps its own rules", async () => {
  const { violations, undetermined, modules } = await check({ folder: repository, config: undefined })
  expect([violations, undetermined]).toEqual([[], []])
  expect(modules).toContain("examples/shop/modules/gift")
})
