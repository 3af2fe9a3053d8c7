import { rmSync } from "node:fs"
import { lstat, mkdir, readdir, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { CliError } from "../cli-error.ts"
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
  const undo = () => [...written, ...made].forEach((path) => rmSync(path, { recursive: true, force: true }))
  const done = undoAtExit(undo)
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path)
      // The first of the folders that were not there yet.
      const first = await mkdir(dirname(file), { recursive: true })
      if (first !== undefined) made.push(first)
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
    throw new CliError(`The files could not be written: ${error instanceof Error ? error.message : String(error)}.`, "Nothing was kept.", 3)
  } finally {
    done()
  }
}
