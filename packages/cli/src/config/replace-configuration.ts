import { randomUUID } from "node:crypto"
import { realpathSync, renameSync, rmSync } from "node:fs"
import { chmod, readFile, stat, writeFile } from "node:fs/promises"
import { basename, dirname, extname, join, relative } from "node:path"
import type { Topology } from "@hanok/contract"
import { CliError, messageOf } from "../cli-error.ts"
import { undoAtExit } from "../undo-at-exit.ts"
import { loadTopology } from "./load-topology.ts"

/** A configuration's text, and what is to stand in its place. */
export interface Replacement {
  readonly before: string
  readonly after: string
}

/**
 * Puts another text in a configuration's place, all of it at once, when the topology that it makes is as it should be: it is
 * tried beside the file first. Rejects, and leaves the file alone, when it does not load, `check` throws, it cannot be written, or
 * somebody else has changed it.
 */
export async function replaceConfiguration(
  file: string,
  { before, after }: Replacement,
  check: (topology: Topology) => void,
): Promise<void> {
  // A link stays one.
  const target = realpathSync(file)
  // Hidden, so that a running `hanok dev` does not take it for a change of the sources.
  const trial = join(dirname(target), `.hanok-${randomUUID()}${extname(target)}`)
  const clear = () => rmSync(trial, { force: true })
  // A configuration may end the process.
  const done = undoAtExit(clear)
  try {
    await written(file, async () => {
      const { mode } = await stat(target)
      await writeFile(trial, after, { flag: "wx", mode })
      // What the process's mask has taken from it.
      await chmod(trial, mode)
    })
    check(await tried(trial, target))
    await assertUnchanged(file, before)
    // At once: between its being done and its being known, nothing may undo what belongs to it.
    await written(file, async () => renameSync(trial, target))
  } finally {
    clear()
    done()
  }
}

/** Throws a `CliError` when a file has another text: by an editor, or by this command once more, whose change would be lost. */
export async function assertUnchanged(file: string, text: string): Promise<void> {
  if ((await readFile(file, "utf8")) === text) return
  const message = `${relative(process.cwd(), file)} has been changed meanwhile.`
  throw new CliError(message, "That change stays, and nothing else was written. Try again.", 3)
}

async function tried(trial: string, target: string): Promise<Topology> {
  try {
    return (await loadTopology(trial, target)).topology
  } catch (error) {
    // Nobody knows of the file beside it.
    if (error instanceof CliError)
      throw new CliError(error.message.replaceAll(basename(trial), basename(target)), error.hint, error.exitCode)
    throw error
  }
}

async function written(file: string, write: () => Promise<void>): Promise<void> {
  await write().catch((error: unknown) => {
    const message = `${relative(process.cwd(), file)} could not be written: ${messageOf(error)}`
    throw new CliError(message, "It is as it was before.", 3)
  })
}
