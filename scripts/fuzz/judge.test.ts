import { expect, test } from "vitest"
import { judge } from "./judge.ts"

const open = { isProtected: false, isKnown: false }
const closed = { isProtected: true, isKnown: false }
const reaction = (status: number, code?: string, body = "") => ({ status, code, body })

test("errors of the server are no answer to anything; to be shed is one", () => {
  expect(judge(reaction(500, "INTERNAL"), open)).toBe("server error")
  expect(judge(reaction(503, "UNAVAILABLE"), open)).toBe("server error")
  expect(judge(reaction(503, "OVERLOADED"), open)).toBe("shed")
  expect(judge(reaction(400, "INVALID_INPUT"), open)).toBe("fine")
})

test("who is not known gets nothing but a refusal where that is asked for", () => {
  for (const status of [200, 101, 409, 422]) expect(judge(reaction(status), closed)).toBe("let in")
  for (const status of [0, 400, 401, 403]) expect(judge(reaction(status), closed)).toBe("fine")
  expect(judge(reaction(200), { isProtected: true, isKnown: true })).toBe("fine")
})

test("an answer does not show what the server is made of", () => {
  expect(judge(reaction(400, "X", '{"detail":"at parse (file:///app/a.ts:1:2)"}'), open)).toBe("shows its inside")
})
