import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { sourceFoldersOf } from "./source-folders.ts"

test("a configuration in a folder of its own is watched with the whole package", async () => {
  const folder = await workspace({ "package.json": "{}", "topologies/split.ts": "" }, {})
  expect(sourceFoldersOf(join(folder, "topologies/split.ts"))).toEqual([folder])
})

test("packages that are linked into the configuration's, and into those, are watched, and those that are installed are not", async () => {
  const folder = await workspace(
    {
      "apps/api/package.json": dependingOn("order", "zod", "missing"),
      "packages/order/package.json": dependingOn("money"),
      "packages/money/package.json": dependingOn("order"),
      "packages/other/package.json": "{}",
      "node_modules/.store/zod/node_modules/zod/package.json": "{}",
    },
    {
      "apps/api/node_modules/order": "packages/order",
      "apps/api/node_modules/zod": "node_modules/.store/zod/node_modules/zod",
      "node_modules/money": "packages/money",
      "node_modules/other": "packages/other",
    },
  )
  const watched = ["apps/api", "packages/order", "packages/money"].map((path) => join(folder, path))
  expect(sourceFoldersOf(join(folder, "apps/api/hanok.config.ts"))).toEqual(watched)
})

test("a package that lies in another that is watched is not watched twice, and a manifest that is just being written is none", async () => {
  const files = { "package.json": dependingOn("order"), "modules/order/package.json": '{ "depend' }
  const folder = await workspace(files, { "node_modules/order": "modules/order" })
  expect(sourceFoldersOf(join(folder, "hanok.config.ts"))).toEqual([folder])
})

const dependingOn = (...names: readonly string[]) => JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, "*"])) })

/** A folder with files, and links by what they lead to. It goes with the test. */
async function workspace(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "hanok-workspace-")))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const make = (path: string) => mkdir(dirname(join(folder, path)), { recursive: true })
  for (const [path, text] of Object.entries(files)) await make(path).then(() => writeFile(join(folder, path), text))
  for (const [path, target] of Object.entries(links)) await make(path).then(() => symlink(join(folder, target), join(folder, path)))
  return folder
}
