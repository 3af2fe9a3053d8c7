import { setImmediate as turn } from "node:timers/promises"
import { defineContract, defineModule, defineTopology } from "@hanok/contract"
import type { Adapter, Journal } from "@hanok/contract"
import { expect, onTestFinished, test, vi } from "vitest"
import { createLog } from "../log.ts"
import { createMemoryJournal } from "../memory/journal.ts"
import { createRecorder } from "../recorder/index.ts"
import { createHost } from "./host.ts"

const halfMinute = 30_000

async function startReplica(journal: Journal, run: () => Promise<void>): Promise<void> {
  const store: Adapter<object> = { kind: "adapter", technology: "memory", create: async () => ({ port: {}, journal }) }
  const mail = defineModule({
    contract: defineContract("mail", {}),
    owner: "team-mail",
    needs: { store },
    handlers: {},
    jobs: { send: { everyMs: halfMinute, run: () => run } },
  })
  const host = await createHost({
    topology: defineTopology({ modules: [mail] }),
    service: "main",
    env: {},
    recorder: createRecorder({ resource: {} }),
    log: createLog({ service: "main", instance: "1", level: "silent" }),
    remote: () => expect.fail("Nothing is elsewhere."),
  })
  onTestFinished(() => host.close({ graceMs: 0 }))
  host.start()
}

test("a run of a job that takes long is begun by no other replica meanwhile", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["setInterval", "clearInterval", "Date"] })
  onTestFinished(() => void vi.useRealTimers())
  const [journal, end, later] = [createMemoryJournal(), Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const begun: string[] = []
  const runAs = (replica: string) => () => (begun.push(replica), end.promise)
  await startReplica(journal, runAs("first"))
  await startReplica({ ...journal, begin: async (...about) => later.promise.then(() => journal.begin(...about)) }, runAs("second"))
  await vi.advanceTimersByTimeAsync(halfMinute)
  vi.setSystemTime(Date.now() + halfMinute - 1)
  later.resolve()
  await turn()
  expect(begun).toEqual(["first"])
  end.resolve()
})
