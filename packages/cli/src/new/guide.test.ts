import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { install, runHanok, runNode } from "../testing/run-hanok.ts"

const repository = fileURLToPath(new URL("../../../../", import.meta.url))
const bin = (name: string) => join(repository, "node_modules", name)

test(
  "the files of the guide to modules, put into a new app, compile, with declarations too, keep the rules and pass their test",
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "hanok-guide-"))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await runHanok(folder, "new", "library")
    const app = join(folder, "library")
    await install(app)
    await rm(join(app, "modules/hello"), { recursive: true })
    const guide = await readFile(join(repository, "docs/guides/modules.md"), "utf8")
    for (const [, path = "", text = ""] of guide.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)) {
      await mkdir(dirname(join(app, path)), { recursive: true })
      await writeFile(join(app, path), text)
    }
    for (const [file, ...args] of [
      [bin("typescript/bin/tsc"), "--declaration"],
      [bin("vitest/vitest.mjs"), "run"],
    ] as const) {
      const ran = await runNode(app, file, ...args)
      expect([ran.exitCode, ran.exitCode === 0 ? "" : ran.stdout + ran.stderr]).toEqual([0, ""])
    }
    expect((await runHanok(app, "check")).stdout).toContain("3 modules and 1 topology keep the rules.")
  },
)
