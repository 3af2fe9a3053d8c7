import { readFile, realpath } from "node:fs/promises"
import { join } from "node:path"
import { dataFolderIn, readPassword, urlOf } from "./cluster.ts"
import { servesFolder } from "./process-identity.ts"

/** Of the server that another process runs in the folder; `undefined` when none does. It holds the password: do not log it. */
export async function runningPostgresUrl(folder: string): Promise<string | undefined> {
  const data = dataFolderIn(folder)
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")
  // The lines of the file are told in PostgreSQL's miscadmin.h.
  const [pid, , , port, , , , state] = text.split("\n")
  if (state?.trim() !== "ready" || !(await servesFolder(Number(pid), await realpath(data)))) return undefined
  return urlOf(await readPassword(folder), Number(port))
}
