import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test, vi } from "vitest"
import { projectWith } from "../testing/run-hanok.ts"
import { watchSources } from "./watch.ts"

test("changes of sources are told, those of tests, data and hidden folders are not", async () => {
  const folder = await realpath(await projectWith({ "modules/a.ts": "", "data/a.json": "", ".hidden/a.ts": "" }))
  const changed: string[] = []
  const heard = { onChange: (file: string) => void changed.push(file), onTrouble: (message: string) => void changed.push(message) }
  onTestFinished(watchSources({ folders: [folder], data: join(folder, "data"), ...heard }))
  for (const file of ["data/b.json", ".hidden/b.ts", "modules/b.test.ts", "notes.md"]) await writeFile(join(folder, file), "1")
  await mkdir(join(folder, "data/deep"))
  await writeFile(join(folder, "data/deep/b.json"), "1")
  await save(join(folder, "modules/b.ts"))
  await expect.poll(() => changed, { timeout: 20_000 }).toEqual(["modules/b.ts"])
})

test("where data lives among the sources, or above them, only what is written there is none", async () => {
  const folder = await realpath(await projectWith({ "app/modules/a.ts": "", "app/telemetry/a.ts": "", "telemetry/a.json": "" }))
  const changed: string[] = []
  const heard = { onChange: (file: string) => void changed.push(file), onTrouble: (message: string) => void changed.push(message) }
  onTestFinished(watchSources({ folders: [folder], data: folder, ...heard }))
  onTestFinished(watchSources({ folders: [join(folder, "app")], data: folder, ...heard }))
  for (const file of ["telemetry/b.json", "dev.json"]) await writeFile(join(folder, file), "1")
  for (const file of ["app/modules/b.ts", "app/telemetry/a.ts"]) {
    changed.length = 0
    await save(join(folder, file))
    await expect.poll(() => changed.toSorted(), { timeout: 20_000 }).toEqual([file, file.replace("app/", "")])
  }
})

test("modules that say by their names which kind they are are sources, too", async () => {
  const folder = await realpath(await projectWith({ "modules/a.mts": "", "modules/a.cts": "" }))
  const changed = watching(folder)
  await save(join(folder, "modules/a.mts"))
  await expect.poll(() => changed, { timeout: 10_000 }).toEqual(["modules/a.mts"])
  await save(join(folder, "modules/a.cts"))
  await writeFile(join(folder, "modules/a.test.mts"), "1")
  await expect.poll(() => changed, { timeout: 10_000 }).toEqual(["modules/a.mts", "modules/a.cts"])
})

test("what changes in another of the folders is told by its path from the first one", async () => {
  const folder = await realpath(await projectWith({ "app/a.ts": "", "order/b.ts": "" }))
  const changed: string[] = []
  const heard = { onChange: (file: string) => void changed.push(file), onTrouble: (message: string) => void changed.push(message) }
  onTestFinished(watchSources({ folders: [join(folder, "app"), join(folder, "order")], data: join(folder, "app/data"), ...heard }))
  await save(join(folder, "order/b.ts"))
  await expect.poll(() => changed, { timeout: 20_000 }).toEqual(["../order/b.ts"])
})

test("a file that is replaced by another of its name is told of each time", async () => {
  const folder = await realpath(await projectWith({ "modules/gift/module.ts": "0" }))
  const changed = watching(folder)
  for (const times of [1, 2, 3]) {
    await writeFile(join(folder, "module.new"), String(times))
    await rename(join(folder, "module.new"), join(folder, "modules/gift/module.ts"))
    await expect.poll(() => changed, { timeout: 10_000 }).toEqual(Array.from({ length: times }, () => "modules/gift/module.ts"))
  }
})

test("files in folders that come later, also in the place of others, are told of", async () => {
  const folder = await realpath(await projectWith({ "modules/gift/module.ts": "0", "elsewhere/gift/deep/module.ts": "0" }))
  const changed = watching(join(folder, "modules"))
  await rm(join(folder, "modules/gift"), { recursive: true })
  await expect.poll(() => changed, { timeout: 10_000 }).toEqual(["gift/module.ts"])
  await rename(join(folder, "elsewhere/gift"), join(folder, "modules/gift"))
  await expect.poll(() => changed, { timeout: 10_000 }).toEqual(["gift/module.ts", "gift/deep/module.ts"])
  await save(join(folder, "modules/gift/deep/module.ts"))
  await expect.poll(() => changed, { timeout: 10_000 }).toEqual(["gift/module.ts", "gift/deep/module.ts", "gift/deep/module.ts"])
})

test("the sources of a folder that is moved out of the package are told of, and nothing of one without any", async () => {
  const gone = await realpath(await mkdtemp(join(tmpdir(), "hanok-gone-")))
  onTestFinished(() => rm(gone, { recursive: true, force: true }))
  const folder = await realpath(await projectWith({ "modules/gift/deep/module.ts": "0", "coverage/page.html": "0", "modules/a.ts": "0" }))
  const changed = watching(folder)
  await rename(join(folder, "coverage"), join(gone, "coverage"))
  await rename(join(folder, "modules/gift"), join(gone, "gift"))
  await expect.poll(() => changed, { timeout: 10_000 }).toEqual(["modules/gift/deep/module.ts"])
  await writeFile(join(gone, "gift/deep/module.ts"), "1")
  await save(join(folder, "modules/a.ts"))
  await expect.poll(() => changed, { timeout: 10_000 }).toEqual(["modules/gift/deep/module.ts", "modules/a.ts"])
})

test("a file that changes without a pause is told of all the same", async () => {
  const folder = await realpath(await projectWith({ "state.json": "" }))
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  const changed = watching(folder)
  const passAfterWriting = async (ms: number) => {
    await writeFile(join(folder, "state.json"), "1")
    // The system tells of it meanwhile.
    await sleep(10)
    await vi.advanceTimersByTimeAsync(ms)
  }
  for (let writes = 0; writes < 400 && changed.length < 2; writes++) await passAfterWriting(100)
  expect(changed).toEqual(["state.json", "state.json"])
})

/** In one step: between a file's being emptied and its being written anew there may be more time than the two are told of together. */
async function save(file: string): Promise<void> {
  await writeFile(`${file}.new`, "1")
  await rename(`${file}.new`, file)
}

function watching(folder: string): readonly string[] {
  const changed: string[] = []
  const heard = { onChange: (file: string) => void changed.push(file), onTrouble: (message: string) => void changed.push(message) }
  onTestFinished(watchSources({ folders: [folder], data: join(folder, "data"), ...heard }))
  return changed
}
