import { setTimeout as sleep } from "node:timers/promises"
import { Fault, isFault, Refusal } from "@hanok/contract"
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

function workOf(run: () => Promise<unknown>) {
  return { contract: "stock", operation: "take", key: "key", fingerprint: "print", scope: Scope.lasting(5_000), run }
}

test("a repetition of what gave nothing gives nothing, as the first time", async () => {
  const once = new OncePerKey(createMemoryJournal())
  const give = () => once.run(workOf(async () => undefined))
  expect([await give(), await give(), once.repeated]).toEqual([undefined, undefined, 1])
})

test("a repetition of what was refused is refused alike, and does nothing", async () => {
  const journal = createMemoryJournal()
  let runs = 0
  const refuse = () => ((runs += 1), Promise.reject(new Refusal("stock", "take", "SOLD_OUT", { left: 3 })))
  for (let time = 0; time < 2; time++)
    await expect(new OncePerKey(journal).run(workOf(refuse))).rejects.toMatchObject({ code: "SOLD_OUT", details: { left: 3 } })
  expect(runs).toBe(1)
})

const running = async () => ({ state: "running", leasedUntil: Date.now() + 3_600_000 }) as const

test("a repetition gets the answer when it is there, however long the first might have taken", async () => {
  const answers = [running, running, async () => ({ state: "done", outcome: { kind: "output", output: "taken" } }) as const]
  const begin: Journal["begin"] = () => (answers.shift() ?? running)()
  const once = new OncePerKey({ ...createMemoryJournal(), begin })
  expect(await once.run(workOf(() => expect.fail("It is not carried out again.")))).toBe("taken")
})

test("a repetition whose time is over asks no more for the answer", async () => {
  const once = new OncePerKey({ ...createMemoryJournal(), begin: running })
  const work = { ...workOf(() => expect.fail("It is not carried out again.")), scope: Scope.lasting(20) }
  await expect(once.run(work)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" })
})

test("a repetition does not ask all the time, however far the journal's clock is behind", async () => {
  let asked = 0
  const begin: Journal["begin"] = async () => (asked++, { state: "running", leasedUntil: Date.now() - 60_000 })
  const once = new OncePerKey({ ...createMemoryJournal(), begin })
  const work = { ...workOf(() => expect.fail("It is not carried out again.")), scope: Scope.lasting(300) }
  await expect(once.run(work)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" })
  // At once, and after 5, 10, 20, 40, 80 and 160 ms.
  expect(asked).toBeLessThanOrEqual(10)
})

test("a run that outlives its lease answers what another run of the same key has answered meanwhile, and not what it has found itself", async () => {
  const journal = createMemoryJournal()
  const [first, second] = [new OncePerKey(journal), new OncePerKey(journal)]
  const others = Promise.withResolvers<void>()
  const slow = [
    async () => others.promise.then(() => "found by the slow one"),
    async () => others.promise.then(() => Promise.reject(new Refusal("stock", "take", "SOLD_OUT", {}))),
  ].map((run, number) => first.run({ ...workOf(run), key: `key ${number}`, scope: Scope.lasting(20_000) }))
  for (const number of slow.keys())
    expect(await second.run({ ...workOf(async () => "taken"), key: `key ${number}`, scope: Scope.lasting(20_000) })).toBe("taken")
  others.resolve()
  expect(await Promise.all(slow)).toEqual(["taken", "taken"])
})

const away = new Fault("UNAVAILABLE", "PostgreSQL is away.")
const ends = [
  { what: "its output", run: async () => "taken" },
  { what: "its refusal", run: () => Promise.reject(new Refusal("stock", "take", "SOLD_OUT", {})) },
]

for (const { what, run } of ends) {
  test(`work whose journal cannot keep ${what} fails with what the journal failed with, at a command and at a job`, async () => {
    for (const way of ["run", "runOrLeave"] as const) {
      const once = new OncePerKey({ ...createMemoryJournal(), finish: () => Promise.reject(away) })
      await expect(once[way](workOf(run), 60_000)).rejects.toBe(away)
    }
  })
}

test("a journal that is away when work has failed does not hide why it has", async () => {
  const broken = new Error("broken")
  const once = new OncePerKey({ ...createMemoryJournal(), abandon: () => Promise.reject(away) })
  await expect(once.run(workOf(() => Promise.reject(broken)))).rejects.toBe(broken)
})
