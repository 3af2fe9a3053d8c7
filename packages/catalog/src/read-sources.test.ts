import { execFileSync } from "node:child_process"
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { readSources } from "./read-sources.ts"

async function folderWith(paths: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-sources-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), "")
  }
  return folder
}

const paths = ["b.ts", "a.tsx", "package.json", "deep/c.mts", "node_modules/x/x.ts", ".hidden/h.ts", "dist/d.ts", "read.md"]
const pathsIn = async (folder: string) => (await readSources(folder)).map(({ path }) => path)

test("outside a repository, TypeScript and package.json are read, and what is built, hidden or installed is left out", async () => {
  expect(await pathsIn(await folderWith(paths))).toEqual(["a.tsx", "b.ts", "deep/c.mts", "package.json"])
})

test("outside a repository, a module may have the name of a folder with what is built", async () => {
  const modules = ["modules/coverage/contract.ts", "modules/dist/contract.ts"]
  expect(await pathsIn(await folderWith([...modules, "coverage/c.ts", "modules/dist/dist/d.ts"]))).toEqual(modules)
})

test("in a repository, what git ignores is left out, and what is new is read", async () => {
  const folder = await folderWith([...paths, "deep/ignored.ts"])
  await writeFile(join(folder, ".gitignore"), "ignored.ts\n")
  execFileSync("git", ["init", "--quiet"], { cwd: folder })
  expect(await pathsIn(folder)).toEqual(["a.tsx", "b.ts", "deep/c.mts", "dist/d.ts", "package.json"])
})

test("submodules belong to their repository, as far as they are there", async () => {
  const folder = await folderWith(["a.ts", "modules/gift/contract.ts", "modules/gift/new.ts", "modules/gift/dist/d.ts", "modules/tea/t.ts"])
  const git = (where: string, ...args: readonly string[]) => {
    const who = ["-c", "user.name=x", "-c", "user.email=x@x", "-c", "advice.addEmbeddedRepo=false"]
    execFileSync("git", [...who, ...args], { cwd: join(folder, where) })
  }
  for (const module of ["modules/gift", "modules/tea"]) {
    git(module, "init", "--quiet")
    git(module, "add", module.endsWith("tea") ? "t.ts" : "contract.ts")
    git(module, "commit", "--quiet", "--message", "begun")
  }
  await writeFile(join(folder, "modules/gift/.gitignore"), "dist\n")
  git(".", "init", "--quiet")
  git(".", "add", "modules/gift", "modules/tea")
  await rm(join(folder, "modules/tea"), { recursive: true })
  await mkdir(join(folder, "modules/tea"))
  expect(await pathsIn(folder)).toEqual(["a.ts", "modules/gift/contract.ts", "modules/gift/new.ts"])
  expect(await pathsIn(join(folder, "modules/tea"))).toEqual([])
})

test("a file that git knows and that has been deleted is not there", async () => {
  const folder = await folderWith(["a.ts", "b.ts"])
  execFileSync("git", ["init", "--quiet"], { cwd: folder })
  execFileSync("git", ["add", "."], { cwd: folder })
  await rm(join(folder, "a.ts"))
  expect(await pathsIn(folder)).toEqual(["b.ts"])
})

// Nothing is kept from the superuser.
test.skipIf(process.getuid?.() === 0)("a file that may not be read is not taken for one that is not there", async () => {
  const folder = await folderWith(["a.ts", "b.ts"])
  await chmod(join(folder, "b.ts"), 0)
  await expect(readSources(folder)).rejects.toThrow("EACCES")
})

test("links that lead nowhere, in a circle or to a folder are no files", async () => {
  const folder = await folderWith(["a.ts", "deep/b.ts"])
  execFileSync("git", ["init", "--quiet"], { cwd: folder })
  for (const [target, link] of [
    ["gone.ts", "c.ts"],
    ["d.ts", "d.ts"],
    ["deep", "e.ts"],
  ] as const)
    await symlink(target, join(folder, link))
  expect(await pathsIn(folder)).toEqual(["a.ts", "deep/b.ts"])
})

test.each(["in", "outside"])("a link to a file is a file, %s a repository", async (where) => {
  const folder = await folderWith(["a.ts"])
  if (where === "in") execFileSync("git", ["init", "--quiet"], { cwd: folder })
  await symlink("a.ts", join(folder, "b.ts"))
  expect(await pathsIn(folder)).toEqual(["a.ts", "b.ts"])
})

test("links that lead nowhere are no files outside of a repository either", async () => {
  const folder = await folderWith(["a.ts", "deep/b.ts"])
  await symlink("gone.ts", join(folder, "c.ts"))
  await symlink("deep", join(folder, "e.ts"))
  expect(await pathsIn(folder)).toEqual(["a.ts", "deep/b.ts"])
})

test("a folder that a repository around it ignores is read as one outside of any", async () => {
  const home = await folderWith(paths.map((path) => `app/${path}`))
  await writeFile(join(home, ".gitignore"), "*\n")
  execFileSync("git", ["init", "--quiet"], { cwd: home })
  expect(await pathsIn(join(home, "app"))).toEqual(["a.tsx", "b.ts", "deep/c.mts", "package.json"])
})

test("more files than a process may have open are all read", async () => {
  const folder = await folderWith(Array.from({ length: 400 }, (_, index) => `${index}.ts`))
  const script = `import { readSources } from ${JSON.stringify(import.meta.resolve("./read-sources.ts"))}
    console.log((await readSources(${JSON.stringify(folder)})).length)`
  const run = `ulimit -n 200; exec "$0" --input-type=module --eval "$1"`
  expect(execFileSync("sh", ["-c", run, process.execPath, script], { encoding: "utf8" })).toBe("400\n")
})
