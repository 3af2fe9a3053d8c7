import { readFile } from "node:fs/promises"
import { Fault, faultCodes } from "@hanok/contract"
import { expect, test } from "vitest"
import { httpProblems } from "./http-problem.ts"
import { problemReply } from "./problem-reply.ts"

test.each([
  ["OVERLOADED", 1_500, "2"],
  ["UNAVAILABLE", 1, "1"],
  ["IN_PROGRESS", undefined, "1"],
  ["INTERNAL", 1_500, undefined],
  ["OVERLOADED", Number.NaN, "1"],
  ["OVERLOADED", Number.POSITIVE_INFINITY, "1"],
] as const)("after %s, to be repeated in %s ms, a client is told to wait %s seconds", (code, retryAfterMs, seconds) => {
  const fault = new Fault(code, "Not now.", { retryAfterMs })
  expect(problemReply(fault, undefined, "0").headers["retry-after"]).toBe(seconds)
})

test("only who has sent a token is told that it is not valid", () => {
  const challengeOf = (message: string) => problemReply(new Fault("UNAUTHENTICATED", message), undefined, "0").headers["www-authenticate"]
  expect(challengeOf("The token was not accepted: it has expired.")).toBe('Bearer realm="hanok", error="invalid_token"')
  expect(challengeOf("order.place asks for a token, and the request carries none.")).toBe('Bearer realm="hanok"')
})

test("docs/errors.md has every code, with its status and what to do about it", async () => {
  const text = await readFile(new URL("../../../../docs/errors.md", import.meta.url), "utf8")
  const rows = text.split("\n").map((line) => line.split("|").map((cell) => cell.trim()))
  const told = rows.filter(([, code]) => code?.startsWith("`")).map(([, code, status, ...more]) => [code, status, more.at(-2)])
  const codes = Object.entries({ ...faultCodes, ...httpProblems })
  expect(told).toEqual(codes.map(([code, { status, hint }]) => [`\`${code}\``, String(status), hint]))
  const retryable = rows.filter(([, , , word]) => word === "yes").map(([, code]) => code)
  expect(retryable).toEqual(codes.filter(([, entry]) => "retryable" in entry && entry.retryable).map(([code]) => `\`${code}\``))
})
