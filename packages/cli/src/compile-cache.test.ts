import { execFile } from "node:child_process"
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, onTestFinished, test } from "vitest"

const bin = fileURLToPath(new URL("../bin/hanok.mjs", import.meta.url))
const uid = process.getuid?.()

/** Runs `hanok` with a folder for what is temporary, in which its cache is as `prepare` leaves it. */
async function startedBeside(prepare: (cache: string, folder: string) => Promise<unknown>) {
  const folder = await mkdtemp(join(tmpdir(), "hanok-cli-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const cache = join(folder, `hanok-compile-cache-${uid}`)
  await prepare(cache, folder)
  const env = { ...process.env, TMPDIR: folder, NODE_COMPILE_CACHE: undefined }
  const { stdout } = await promisify(execFile)(process.execPath, [bin, "--help"], { env })
  expect(stdout).toContain("hanok")
  return { folder, cache }
}

test("compiled code is kept where nobody else can put any", async () => {
  const { folder, cache } = await startedBeside(async () => undefined)
  expect(await readdir(folder)).toEqual([`hanok-compile-cache-${uid}`])
  expect((await stat(cache)).mode & 0o777).toBe(0o700)
  expect(await readdir(cache)).toHaveLength(1)
})

type Prepare = Parameters<typeof startedBeside>[0]

const foreign: Readonly<Record<string, Prepare>> = {
  "that others can write to": (cache) => mkdir(cache).then(() => chmod(cache, 0o777)),
  "that is a link": (cache, folder) => mkdir(join(folder, "other")).then(() => symlink(join(folder, "other"), cache)),
  // Only root can give it away.
  ...(uid === 0 ? { "of somebody else": (cache) => mkdir(cache).then(() => chown(cache, 65_534, 65_534)) } : {}),
}

test.each(Object.entries(foreign))("compiled code is neither taken from a folder %s nor put there", async (_, prepare) => {
  const { cache } = await startedBeside(prepare)
  expect(await readdir(cache)).toEqual([])
})
