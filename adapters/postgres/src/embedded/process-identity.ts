import { execFile } from "node:child_process"
import { readFile, readlink } from "node:fs/promises"
import { promisify } from "node:util"
import { codeOf } from "./error-code.ts"

const execute = promisify(execFile)

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === "EPERM"
  }
}

/** When the process started, in the system's own terms: together with its id it names a process for good. */
export async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") return (await statOf(pid))?.[19]
  return execute("ps", ["-o", "lstart=", "-p", String(pid)]).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  )
}

/** Whether that process is the PostgreSQL of this data directory, and not another that got its id. */
export async function servesFolder(pid: number, data: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  if (process.platform === "linux") return (await statOf(pid))?.[0] !== "Z" && (await readlink(`/proc/${pid}/cwd`).catch(() => "")) === data
  return execute("ps", ["-o", "command=", "-p", String(pid)]).then(
    ({ stdout }) => stdout.includes(data),
    () => false,
  )
}

// The fields of /proc/<pid>/stat from the third on, which is the state; the second, the name, may hold anything. See proc(5).
async function statOf(pid: number): Promise<readonly string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined)
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")
}
