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

test("letters too many or too few count like wrong ones, wherever they stand", () => {
  expect(["abcgift", "giftabc", "giabcft", "abgift", "giftab"].map((name) => nearest(name, ["gift"]))).toEqual([
    undefined,
    undefined,
    undefined,
    "gift",
    "gift",
  ])
  expect(["gift", "giftab"].map((name) => nearest(name, ["giftabc"]))).toEqual([undefined, "giftabc"])
})
