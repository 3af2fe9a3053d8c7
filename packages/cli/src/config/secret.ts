import { randomBytes } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { CliError, messageOf } from "../cli-error.ts"

/**
 * The secret for development: made once, then read again, so that tokens outlive a restart. Only its owner can read the file.
 * Rejects with a `CliError` when the folder cannot be used.
 */
export async function developmentSecret(folder: string): Promise<string> {
  const file = join(folder, "secret")
  const known = await readFile(file, "utf8").catch(() => "")
  if (known.trim() !== "") return known.trim()
  const secret = randomBytes(32).toString("hex")
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(file, `${secret}\n`, { mode: 0o600 })
  } catch (error) {
    const hint = "See to it that the folder is yours and has room, or choose another: --data <folder>"
    throw new CliError(`Data cannot be kept in ${folder}: ${messageOf(error)}`, hint, 3)
  }
  return secret
}
