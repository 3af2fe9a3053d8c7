import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { isTypeScript } from "./source-file.ts"
import type { SourceFile } from "./source-file.ts"

/**
 * The TypeScript files and package.json files below a folder, in the order of their paths. Files that git ignores,
 * `node_modules` and hidden folders are left out; outside a git repository, or in one that ignores the whole folder, `dist` and `coverage` too.
 * Submodules belong to their repository. Rejects when a file is there and cannot be read.
 */
export async function readSources(folder: string): Promise<readonly SourceFile[]> {
  const paths = (await pathsOfGit(folder)) ?? (await pathsBelow(folder, ""))
  const wanted = paths.filter((path) => isWanted(path)).toSorted()
  const files: (SourceFile | undefined)[] = []
  for (let at = 0; at < wanted.length; at += filesAtOnce) {
    files.push(...(await Promise.all(wanted.slice(at, at + filesAtOnce).map((path) => readIfThere(folder, path)))))
  }
  return files.filter((file) => file !== undefined)
}

/** A process may have no more than some hundreds of files open. */
const filesAtOnce = 64

function isWanted(path: string): boolean {
  return !/(?:^|\/)(?:node_modules|\.[^/]+)\//.test(path) && (isTypeScript(path) || /(?:^|\/)package\.json$/.test(path))
}

const run = promisify(execFile)

async function pathsOfGit(folder: string): Promise<readonly string[] | undefined> {
  try {
    const options = { cwd: folder, maxBuffer: 256 * 1024 * 1024, timeout: 30_000 }
    const { stdout } = await run("git", ["ls-files", "-z", "--stage", "--cached", "--others", "--exclude-standard"], options)
    const entries = stdout.split("\0").filter((entry) => entry !== "")
    const submodules = entries.flatMap((entry) => submodule.exec(entry)?.slice(1) ?? [])
    const paths = new Set(entries.map((entry) => entry.replace(stage, "")))
    for (const path of new Set(submodules)) {
      for (const inside of await pathsOfSubmodule(join(folder, path))) paths.add(`${path}/${inside}`)
    }
    // A repository around the folder, of a whole home for example, may ignore all of it.
    return paths.size === 0 ? undefined : [...paths]
  } catch {
    // No git, or not a repository: the folder itself tells what is there.
    return undefined
  }
}

/** What stands before the path of what git knows: its mode, its hash, and a number. */
const stage = /^\d{6} [\da-f]+ \d\t/
/** One that is not the folder itself, which has none of its files then. */
const submodule = /^160000 [\da-f]+ \d\t(?!\.\/$)(.*)$/s

async function pathsOfSubmodule(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? ((await pathsOfGit(folder)) ?? (await pathsBelow(folder, ""))) : []
}

const built = new Set(["dist", "coverage"])

function isLeft(name: string, prefix: string): boolean {
  // Coverage may be the business of a module.
  return name === "node_modules" || name.startsWith(".") || (built.has(name) && !/(?:^|\/)modules\/$/.test(prefix))
}

async function pathsBelow(folder: string, prefix: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true })
  const found = await Promise.all(
    entries
      .filter(({ name }) => !isLeft(name, prefix))
      .map(async (entry) => {
        const path = `${prefix}${entry.name}`
        return entry.isDirectory() ? pathsBelow(folder, `${path}/`) : entry.isFile() || entry.isSymbolicLink() ? [path] : []
      }),
  )
  return found.flat()
}

// What git knows may have been deleted, and a link may lead nowhere, or to a folder. What is there and cannot be read is an error.
async function readIfThere(folder: string, path: string): Promise<SourceFile | undefined> {
  try {
    return { path, text: await readFile(join(folder, path), "utf8") }
  } catch (error) {
    if (error instanceof Error && "code" in error && absent.has(error.code)) return undefined
    throw error
  }
}

const absent = new Set<unknown>(["ENOENT", "ENOTDIR", "ELOOP", "EISDIR"])
