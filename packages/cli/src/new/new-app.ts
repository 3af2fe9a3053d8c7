import { resolve } from "node:path"
import { ownVersion } from "../own-version.ts"
import { appFiles } from "./app-files.ts"
import { parseAppName } from "./names.ts"
import { assertFree, writeFiles } from "./write-files.ts"

/** What was written where; paths are absolute. */
export interface Written {
  readonly folder: string
  readonly files: readonly string[]
}

/** Writes an app into a new folder here. Rejects with a `CliError`, and then has written nothing. */
export async function newApp(name: string): Promise<Written> {
  const folder = resolve(parseAppName(name))
  await assertFree(folder)
  return { folder, files: await writeFiles(folder, appFiles(name, ownVersion())) }
}
