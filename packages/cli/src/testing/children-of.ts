import { readFile } from "node:fs/promises"

/** The processes that a process has started itself. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "")
  return text.trim().split(/\s+/).filter(Boolean).map(Number)
}

/** The one of them in which a `hanok dev` keeps traces. */
export async function traceStoreOf(pid: number): Promise<number> {
  for (const child of await childrenOf(pid)) {
    const title = await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")
    if (title.startsWith("hanok traces")) return child
  }
  throw new Error(`Process ${pid} has no store of traces.`)
}
