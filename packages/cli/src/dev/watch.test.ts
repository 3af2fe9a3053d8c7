import { mkdir, realpath, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { projectWith } from "../testing/run-hanok.ts"
import { packageFolderOf, watchSources } from "./watch.ts"

test("changes of sources are told, those of tests, data and hidden folders are not", async () => {
  const folder = await realpath(await projectWith({ "modules/a.ts": "", "data/a.json": "", ".hidden/a.ts": "" }))
  const changed: string[] = []
  onTestFinished(watchSources({ folder, data: join(folder, "data"), onChange: (file) => void changed.push(file) }))
  for (const file of ["data/b.json", ".hidden/b.ts", "modules/b.test.ts", "notes.md"]) await writeFile(join(folder, file), "1")
  await mkdir(join(folder, "data/deep"))
  await writeFile(join(folder, "data/deep/b.json"), "1")
  await writeFile(join(folder, "modules/b.ts"), "1")
  await expect.poll(() => changed, { timeout: 20_000 }).toEqual(["modules/b.ts"])
})

test("a configuration in a folder of its own is watched with the whole package", async () => {
  const folder = await projectWith({ "package.json": "{}", "topologies/split.ts": "" })
  expect(packageFolderOf(join(folder, "topologies/split.ts"))).toBe(folder)
})
