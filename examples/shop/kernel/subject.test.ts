import { isFault } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import { expect, test } from "vitest"
import { subjectOf } from "./subject.ts"

// Nothing else of a context is looked at.
const speakingFor = (subject: string | undefined) =>
  ({ identity: subject === undefined ? undefined : { subject, roles: [] } }) as unknown as Context
const codeOf = (subject: string | undefined) => {
  try {
    return subjectOf(speakingFor(subject))
  } catch (error) {
    return isFault(error) ? error.code : error
  }
}

test("whom a call speaks for is told", () => {
  expect(codeOf("customer-7")).toBe("customer-7")
})

test("who speaks for nobody, or for somebody who can be no customer here, gets nowhere", () => {
  for (const subject of [undefined, "auth0|7", "' or 1=1", "", "x".repeat(65)]) expect(codeOf(subject)).toBe("FORBIDDEN")
})
