import { spawn, spawnSync } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "pg"
import { afterEach, expect, test } from "vitest"
import { createEmbeddedPostgres } from "./embedded-postgres.ts"
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from "./embedded-postgres.ts"
import { isAlive } from "./process-identity.ts"

const undo: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-embedded-"))
  undo.push(() => rm(folder, { recursive: true, force: true }))
  return join(folder, "postgres")
}

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const server = await createEmbeddedPostgres({ durability: "off", ...options })
  undo.push(() => server.close())
  return server
}

async function ask(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

async function serverPid(folder: string): Promise<number> {
  return Number.parseInt(await readFile(join(folder, "cluster/data/postmaster.pid"), "utf8"), 10)
}

/** The process of a server that goes through what was under way when it last ended. */
async function recoveringProcess(folder: string): Promise<number> {
  for (;;) {
    const postmaster = await serverPid(folder).catch(() => 0)
    const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, "utf8").catch(() => "")
    for (const child of children.trim().split(" ")) {
      const name = await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")
      if (name.startsWith("postgres: startup")) return Number(child)
    }
    await sleep(1)
  }
}

function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "it did not fail",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

/** Another process that starts the server of that folder and then waits. */
async function startElsewhere(folder: string, ...within: readonly string[]): Promise<ChildProcess> {
  const module = new URL("index.ts", import.meta.url).href
  const code = `import { createEmbeddedPostgres } from ${JSON.stringify(module)}
    await createEmbeddedPostgres({ folder: ${JSON.stringify(folder)}, durability: "off" })
    console.log("started")
    setInterval(() => undefined, 1000)`
  const [command = "", ...words] = [...within, process.execPath, "--input-type=module", "-e", code]
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] })
  undo.push(async () => child.kill("SIGKILL"))
  await once(child.stdout, "data")
  return child
}

test("a new folder becomes a database that asks for its password", async () => {
  const { url } = await start({ folder: await newFolder() })
  expect(await ask(url, "select 1 as one")).toEqual([{ one: 1 }])
  const wrong = new URL(url)
  wrong.password = "wrong"
  expect(await messageOf(ask(wrong.href, "select 1"))).toContain("password authentication failed")
})

test("a second start keeps the data", async () => {
  const folder = await newFolder()
  const first = await start({ folder, durability: "full" })
  await ask(first.url, "create table kept as select 42 as answer")
  await first.close()
  const second = await start({ folder, durability: "full" })
  expect(await ask(second.url, "select answer from kept")).toEqual([{ answer: 42 }])
})

test("what was committed is there again after the server was killed", async () => {
  const folder = await newFolder()
  const first = await start({ folder })
  await ask(first.url, "create table kept as select 42 as answer")
  process.kill(await serverPid(folder), "SIGKILL")
  await first.close()
  const second = await start({ folder })
  expect(await ask(second.url, "select answer from kept")).toEqual([{ answer: 42 }])
})

test("a server that loses one of its processes ends, and says so, so that whoever keeps it begins it anew", async () => {
  const told: string[] = []
  const folder = await newFolder()
  const { url, ended } = await start({ folder, log: (message) => void told.push(message) })
  await ask(url, "create table kept as select 42 as answer")
  const [writer] = await ask(url, "select pid from pg_stat_activity where backend_type = 'walwriter'")
  process.kill(Number(writer?.["pid"]), "SIGKILL")
  await ended
  expect(told).toEqual([expect.stringContaining("PostgreSQL has ended by itself")])
  const again = await start({ folder })
  expect(await ask(again.url, "select answer from kept")).toEqual([{ answer: 42 }])
  // Why it ended is still to be read when the next one runs.
  expect(await readFile(join(folder, "postgres.log"), "utf8")).toContain("was terminated by signal 9")
})

test("a log that has become long makes room for a new one", async () => {
  const folder = await newFolder()
  await (await start({ folder })).close()
  const log = join(folder, "postgres.log")
  await truncate(log, 8_388_609)
  await start({ folder })
  expect((await stat(log)).size).toBeLessThan(10_000)
  expect((await stat(`${log}.old`)).size).toBe(8_388_609)
})

test(
  "a recovery is waited for, and told of when it is long; who asks for its end gets it, and nothing is lost",
  { timeout: 60_000 },
  async () => {
    const folder = await newFolder()
    const first = await start({ folder })
    await ask(first.url, "create table kept (n int, text text)")
    // Into a table that was there before, so that it is in the log, and there is much to recover.
    await ask(first.url, "insert into kept select n, repeat('x', 500) from generate_series(1, 100000) n")
    process.kill(await serverPid(folder), "SIGKILL")
    await first.close()
    const told: string[] = []
    const stop = new AbortController()
    const starting = messageOf(start({ folder, signal: stop.signal, log: (message) => void told.push(message) }))
    const recovering = await recoveringProcess(folder)
    process.kill(recovering, "SIGSTOP")
    const postmaster = await serverPid(folder)
    await expect.poll(() => told, { timeout: 20_000 }).toContainEqual(expect.stringContaining("has been starting for 5 s"))
    stop.abort(new Error("it is no longer wanted"))
    expect(await starting).toBe("it is no longer wanted")
    expect([postmaster, recovering].filter(isAlive)).toEqual([])
    const again = await start({ folder })
    expect(await ask(again.url, "select count(*)::int as count from kept")).toEqual([{ count: 100_000 }])
  },
)

test("who asks for the end of a start while the database is being made gets it, and nothing of it stays", async () => {
  const folder = await newFolder()
  const stop = new AbortController()
  const starting = messageOf(start({ folder, signal: stop.signal }))
  const there = () => readdir(folder).catch(() => [])
  await expect.poll(there, { interval: 5 }).toEqual([expect.stringMatching(/^\.new-/)])
  stop.abort(new Error("it is no longer wanted"))
  expect(await starting).toBe("it is no longer wanted")
  expect(await there()).toEqual([])
})

test("a server is stopped again when it cannot be written down who holds it", async () => {
  const folder = await newFolder()
  await mkdir(join(folder, "holder.json"), { recursive: true })
  expect(await messageOf(start({ folder }))).toContain("who holds it could not be written")
  await expect(serverPid(folder)).rejects.toThrow("ENOENT")
})

test("the server ends when its process is killed, and the folder can be used again", async () => {
  const folder = await newFolder()
  const child = await startElsewhere(folder)
  const pid = await serverPid(folder)
  child.kill("SIGKILL")
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false)
  const { url } = await start({ folder })
  expect(await ask(url, "select 1 as one")).toEqual([{ one: 1 }])
})

test("a start right after the process was killed takes over without waiting for anybody", async () => {
  const folder = await newFolder()
  const child = await startElsewhere(folder)
  child.kill("SIGKILL")
  await once(child, "exit")
  const { url } = await start({ folder })
  expect(await ask(url, "select 1 as one")).toEqual([{ one: 1 }])
})

test("a folder in use by a living process is left alone, and its user is named", async () => {
  const folder = await newFolder()
  const child = await startElsewhere(folder)
  expect(await messageOf(start({ folder }))).toContain(`in use by process ${child.pid}`)
})

test("a lock file of a process that is gone, or that is another program, does not stop the start", async () => {
  const folder = await newFolder()
  await (await start({ folder })).close()
  const lock = join(folder, "cluster/data/postmaster.pid")
  await writeFile(lock, `${process.pid}\n${join(folder, "cluster/data")}\n`)
  const { url } = await start({ folder })
  expect(await ask(url, "select 1 as one")).toEqual([{ one: 1 }])
})

test("a taken port is named", async () => {
  const other = createServer().listen(0, "127.0.0.1")
  await once(other, "listening")
  undo.push(async () => other.close())
  const address = other.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  expect(await messageOf(start({ folder: await newFolder(), port }))).toContain(`Port ${port} on 127.0.0.1 is taken`)
})

test("a folder of another major version is told apart from a damaged one", async () => {
  const folder = await newFolder()
  await (await start({ folder })).close()
  await writeFile(join(folder, "cluster/data/PG_VERSION"), "16\n")
  expect(await messageOf(start({ folder }))).toContain("was made by PostgreSQL 16, and this is PostgreSQL 18")
  await rm(join(folder, "cluster/data/PG_VERSION"))
  expect(await messageOf(start({ folder }))).toContain("PG_VERSION is missing")
})

test("a damaged database says so, with the server's own last lines", async () => {
  const folder = await newFolder()
  await (await start({ folder })).close()
  await truncate(join(folder, "cluster/data/global/pg_control"), 100)
  const message = await messageOf(start({ folder }))
  expect(message).toContain("pg_control")
  expect(message).toContain("restore it from a copy, or move it away")
})

test("a first start that was killed leaves nothing to trip over", async () => {
  const folder = await newFolder()
  // No process has that id: the largest one on Linux is 2^22.
  const left = join(folder, ".new-99999999-abc")
  await mkdir(join(left, "data"), { recursive: true })
  await start({ folder })
  await expect(stat(left)).rejects.toThrow("ENOENT")
})

test("several processes that start a new folder at once leave one server, and the others are told", async () => {
  const folder = await newFolder()
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => start({ folder })))
  const started = outcomes.filter((outcome) => outcome.status === "fulfilled")
  expect(started).toHaveLength(1)
  const url = started[0]?.value.url ?? ""
  expect(await ask(url, "select 1 as one")).toEqual([{ one: 1 }])
})

const [command, ...unnamed] = ["unshare", "--user", "--map-user=12345", "--map-group=12345"] as const
const namespaces = spawnSync(command, [...unnamed, "true"]).status === 0

test.runIf(namespaces)(
  "a user whom the system knows no name of, as in a container that runs under a number, has a database, too",
  async () => {
    const folder = await newFolder()
    const code = `
    import { createEmbeddedPostgres } from ${JSON.stringify(new URL("./embedded-postgres.ts", import.meta.url).href)}
    const server = await createEmbeddedPostgres({ folder: ${JSON.stringify(folder)}, durability: "off" })
    await server.close()
    console.log(process.getuid(), new URL(server.url).username)`
    const child = spawn(command, [...unnamed, process.execPath, "--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "pipe"] })
    expect(await Promise.all([text(child.stdout), text(child.stderr)])).toEqual(["12345 postgres\n", ""])
  },
)

// In which processes have numbers of their own, as in a container.
const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-current-user"]
const container = [...asUser, "--pid", "--ipc", "--mount-proc", "--fork", "--kill-child"]
const containers = spawnSync(command, [...container, "flock", "--version"]).status === 0

test.runIf(containers)("a folder in use in a container whose processes are not known by their numbers here is left alone", async () => {
  const folder = await newFolder()
  await startElsewhere(folder, command, ...container)
  const pidThere = await serverPid(folder)
  expect(await messageOf(start({ folder }))).toContain("is in use by a PostgreSQL that is not seen from here")
  expect(await serverPid(folder)).toBe(pidThere)
})

test("closing twice is closing once", async () => {
  const server = await start({ folder: await newFolder() })
  await Promise.all([server.close(), server.close()])
  await server.close()
})
