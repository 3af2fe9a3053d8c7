import { expect, test } from "vitest"
import { nearest } from "./nearest.ts"

test("a slip of the pen is recognised, another word is not", () => {
  const known = ["payment", "partner", "gift"]
  expect(["paymnet", "gfit", "gifts", "partners", "warehouse", ""].map((name) => nearest(name, known))).toEqual([
    "payment",
    "gift",
    "gift",
    "partner",
    undefined,
    undefined,
  ])
})
