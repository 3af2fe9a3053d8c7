import { expect, test } from "vitest"
import type { ReplicaNews } from "../supervisor/family.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { newsLine, readFacts, writeFacts } from "./announce.ts"

const news: ReplicaNews = { service: "inventory", replica: "inventory.2", pid: 7, change: "ready", reason: "start" }

test("a person reads which replicas come and go, and why", () => {
  const why = "scaled out to 2: 98 % busy, 65 % is the aim"
  expect(newsLine({ ...news, change: "starting", reason: why })).toBe(`inventory.2 is starting: ${why}`)
  expect(newsLine({ ...news, reason: why })).toBe("inventory.2 is ready (process 7)")
  expect(newsLine({ ...news, change: "draining", reason: "scaled in to 1" })).toBe(
    "inventory.2 finishes what it has and leaves: scaled in to 1",
  )
  expect(newsLine({ ...news, change: "crashed", reason: "SIGKILL; started again in 100 ms" })).toBe(
    "inventory.2 ended: SIGKILL; started again in 100 ms",
  )
})

test("what goes without saying is not said", () => {
  expect(newsLine({ ...news, change: "starting" })).toBeUndefined()
  expect(newsLine(news)).toBeUndefined()
  expect(newsLine({ ...news, change: "ended", reason: "exit code 0" })).toBeUndefined()
})

test("of facts that change twice in a moment the later ones are found, whole", async () => {
  const folder = await projectWith({})
  const facts = { gatewayUrl: "http://127.0.0.1:3000", telemetryUrl: undefined, pid: 1, processes: 2, pids: [10_000, 10_001] }
  for (const pids of [[10_000, 10_001, 10_002], facts.pids]) void writeFacts(folder, { ...facts, pids })
  expect(await readFacts(folder)).toEqual(facts)
})
