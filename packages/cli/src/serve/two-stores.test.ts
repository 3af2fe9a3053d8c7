import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { command, defineContract, defineModule, defineTopology } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import { createAddressBook, memoryStore, startService } from "@hanok/runtime"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"

const inMemory = memoryStore({ tables: () => ({}), read: () => ({}), write: () => ({}) })

test(
  "replicas do once what they are told twice, and each run of a job, by the store that they share, whichever stands first",
  { timeout: 60_000 },
  async () => {
    const [sent, ran]: [string[], string[]] = [[], []]
    const folder = await mkdtemp(join(tmpdir(), "hanok-two-stores-"))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, "0001_first.sql"), "create table nothing ()")
    const shared = postgres({ migrations: pathToFileURL(`${folder}/`), read: () => ({}), write: () => ({}) })
    const mail = defineModule({
      contract: defineContract("mail", {
        send: command({ input: z.object({ to: z.string() }), output: z.object({}), access: "public", http: "POST /mails" }),
      }),
      owner: "team-mail",
      needs: { recent: inMemory, store: shared },
      handlers: {
        send:
          () =>
          async ({ to }) => (sent.push(to), {}),
      },
      jobs: { remind: { everyMs: 200, run: () => async (context) => void ran.push(context.idempotencyKey ?? "no key") } },
    })
    const server = await createEmbeddedPostgres({ folder: join(folder, "data"), durability: "off" })
    onTestFinished(() => server.close())
    const env = {
      HANOK_SECRET: "a secret of this test, long enough",
      HANOK_GATEWAY_PORT: "0",
      HANOK_LOG_LEVEL: "silent",
      DATABASE_URL: server.url,
    }
    for (let replica = 0; replica < 2; replica++) {
      const discovery = createAddressBook()
      const service = await startService({ topology: defineTopology({ modules: [mail] }), service: "main", env, discovery })
      onTestFinished(() => service.close({ graceMs: 0 }))
      await expect.poll(() => service.unready(), { timeout: 30_000 }).toEqual([])
      const headers = { "content-type": "application/json", "idempotency-key": "key-1" }
      const response = await fetch(`${service.gatewayUrl}/mails`, { method: "POST", headers, body: '{"to":"kim"}' })
      expect([response.status, await response.text()]).toEqual([200, "{}"])
    }
    expect(sent).toEqual(["kim"])
    const afterBoth = ran.length
    await expect.poll(() => ran.length, { timeout: 20_000 }).toBeGreaterThan(afterBoth + 10)
    expect(ran.filter((key, index) => ran.indexOf(key) !== index)).toEqual([])
  },
)
