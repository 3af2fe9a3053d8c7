import { Fault } from "@hanok/contract"
import { expect, test } from "vitest"
import { problemReply } from "./problem-reply.ts"

test.each([
  ["OVERLOADED", 1_500, "2"],
  ["UNAVAILABLE", 1, "1"],
  ["IN_PROGRESS", undefined, "1"],
  ["INTERNAL", 1_500, undefined],
] as const)("after %s, to be repeated in %s ms, a client is told to wait %s seconds", (code, retryAfterMs, seconds) => {
  const fault = new Fault(code, "Not now.", retryAfterMs === undefined ? {} : { retryAfterMs })
  expect(problemReply(fault, undefined, "0").headers["retry-after"]).toBe(seconds)
})

test("only who has sent a token is told that it is not valid", () => {
  const challengeOf = (message: string) => problemReply(new Fault("UNAUTHENTICATED", message), undefined, "0").headers["www-authenticate"]
  expect(challengeOf("The token was not accepted: it has expired.")).toBe('Bearer realm="hanok", error="invalid_token"')
  expect(challengeOf("order.place asks for a token, and the request carries none.")).toBe('Bearer realm="hanok"')
})
