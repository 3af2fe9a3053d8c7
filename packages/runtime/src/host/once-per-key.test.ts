import { setTimeout as sleep } from "node:timers/promises"
import { isFault } from "@hanok/contract"
import type { Journal } from "@hanok/contract"
import { expect, test } from "vitest"
import { Scope } from "../context/scope.ts"
import { createMemoryJournal } from "../memory/journal.ts"
import { OncePerKey } from "./once-per-key.ts"

test("work whose deadline passed while the journal was asked is not begun, and a repetition can begin at once", async () => {
  const journal = createMemoryJournal()
  const slow: Journal = { ...journal, begin: async (...about) => sleep(50).then(() => journal.begin(...about)) }
  const ran: string[] = []
  const work = (name: string, timeoutMs: number) => ({
    contract: "stock",
    operation: "take",
    key: "key",
    fingerprint: "print",
    scope: Scope.lasting(timeoutMs),
    run: async () => void ran.push(name),
  })
  const error = await new OncePerKey(slow).run(work("late", 10)).catch((caught: unknown) => caught)
  expect(isFault(error, "DEADLINE_EXCEEDED")).toBe(true)
  await new OncePerKey(journal).run(work("again", 1_000))
  expect(ran).toEqual(["again"])
})
