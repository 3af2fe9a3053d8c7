import { randomBytes } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"

/** The secret for development: made once, then read again, so that tokens outlive a restart. Only its owner can read the file. */
export async function developmentSecret(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, "secret")
  const known = await readFile(file, "utf8").catch(() => "")
  if (known.trim() !== "") return known.trim()
  const secret = randomBytes(32).toString("hex")
  await writeFile(file, `${secret}\n`, { mode: 0o600 })
  return secret
}
