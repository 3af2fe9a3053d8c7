import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const bin = fileURLToPath(new URL("../../bin/hanok.mjs", import.meta.url))
const installed = fileURLToPath(new URL("../../../../node_modules", import.meta.url))

export interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** Runs the `hanok` command in a folder, as a shell would. */
export function runHanok(folder: string, ...args: readonly string[]): Promise<Ran> {
  return runNode(folder, bin, ...args)
}

/** Runs a program of `node_modules/.bin`, or a file, with this Node. */
export function runNode(folder: string, file: string, ...args: readonly string[]): Promise<Ran> {
  const options = { cwd: folder, timeout: 90_000, env: { ...process.env, NO_COLOR: "1", VITEST: undefined } }
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], options, (error, stdout, stderr) => {
      resolve({ stdout, stderr, exitCode: error === null ? 0 : typeof error.code === "number" ? error.code : -1 })
    })
  })
}

/** A folder with those files, in which the packages of this repository are installed. It goes with the test. */
export async function projectWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-cli-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await install(folder)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

/** Makes the packages of this repository known in a folder. */
export function install(folder: string): Promise<void> {
  return symlink(installed, join(folder, "node_modules"))
}
