import { rmdirSync, rmSync } from "node:fs"
import { lstat, mkdir, readdir, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { CliError, messageOf } from "../cli-error.ts"
import { undoAtExit } from "../undo-at-exit.ts"
import type { Files } from "./module-files.ts"

/** Throws a `CliError` when there is a file of that path, or a folder with something in it. */
export async function assertFree(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined)
  if (!found || (found.isDirectory() && (await readdir(folder)).length === 0)) return
  throw new CliError(`${relative(process.cwd(), folder)} exists already; nothing was written.`, "Take another name, or remove it.", 2)
}

/**
 * Writes all files below a folder, then does what comes `afterwards`, or writes none: what was written is taken back when one
 * cannot be, or the rest fails. Returns their paths.
 */
export async function writeFiles(folder: string, files: Files, afterwards?: () => Promise<void>): Promise<readonly string[]> {
  const written: string[] = []
  const made: string[] = []
  const undo = () => {
    for (const file of written) rmSync(file, { force: true })
    for (const path of made.toReversed()) removeEmpty(path)
  }
  const done = undoAtExit(undo)
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path)
      made.push(...(await makeFolder(dirname(file))))
      // Ours from here on, and then filled: what is taken back is never somebody else's.
      await writeFile(file, "", { flag: "wx" })
      written.push(file)
      await writeFile(file, text)
    }
    await afterwards?.()
    return written
  } catch (error) {
    undo()
    if (error instanceof CliError) throw error
    throw new CliError(`The files could not be written: ${messageOf(error)}.`, "Nothing was kept.", 3)
  } finally {
    done()
  }
}

/** Returns those that were not there yet, the outermost first. */
async function makeFolder(folder: string): Promise<readonly string[]> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return []
  const made: string[] = []
  for (let path = folder; path.length >= first.length; path = dirname(path)) made.unshift(path)
  return made
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // Somebody else has put something into it meanwhile, or has taken it away.
  }
}
