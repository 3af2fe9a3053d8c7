import { command, defineContract, defineModule, defineTopology } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { createHost } from "../host/host.ts"
import { createLog } from "../log.ts"
import { createRecorder, newRootSpanIds } from "../recorder/index.ts"
import { memoryStore } from "./store.ts"
import { MemoryTable } from "./table.ts"

const noteContract = defineContract("note", { keep: command({ input: z.object({}), output: z.object({ key: z.string() }) }) })
const writeContract = defineContract("write", {
  write: command({
    input: z.object({}),
    output: z.object({ before: z.string(), within: z.string(), after: z.string(), noteKey: z.string() }),
  }),
})

let fails = true
const store = memoryStore({
  tables: () => ({ ids: new MemoryTable<{ readonly id: string }>() }),
  read: () => ({}),
  write: (tables, changes) => ({ put: (id: string) => changes.put(tables.ids, id, { id }) }),
})
const noteModule = defineModule({
  contract: noteContract,
  owner: "team-note",
  handlers: { keep: () => async (_, context) => ({ key: context.idempotencyKey ?? "" }) },
})
const writeModule = defineModule({
  contract: writeContract,
  owner: "team-write",
  uses: { note: noteContract },
  needs: { store },
  handlers: {
    write: (ports) => async (_, context) => {
      const before = context.newId()
      const within = await ports.store.transaction(context, async (tx) => {
        const id = [context.newId(), context.newId()].join(" ")
        await ports.note.keep({}, context)
        tx.put(id)
        return id
      })
      const noteKey = (await ports.note.keep({}, context)).key
      const after = context.newId()
      seen.push({ before, within, after, noteKey })
      if (fails) throw new Error("the process dies here, the first time")
      return { before, within, after, noteKey }
    },
  },
})
const seen: object[] = []

test("a keyed command that is carried out again makes the same ids and calls under the same keys, also after a step that is not run again", async () => {
  const host = await createHost({
    topology: defineTopology({ modules: [noteModule, writeModule] }),
    service: "main",
    env: {},
    recorder: createRecorder({ resource: {} }),
    log: createLog({ service: "main", instance: "1", level: "silent" }),
    remote: () => {
      throw new Error("nothing is remote")
    },
  })
  const write = () =>
    host.seam.send({
      caller: "test",
      uses: ["write"],
      kind: "call",
      contract: "write",
      operation: "write",
      subscriber: undefined,
      input: {},
      remainingMs: 5000,
      trace: newRootSpanIds(),
      identity: undefined,
      idempotencyKey: "k1",
    }).reply
  await expect(write()).rejects.toThrow("write.write failed.")
  fails = false
  const kept = await write()
  expect(seen).toEqual([kept, kept])
  await host.close()
})
