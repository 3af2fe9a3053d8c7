import { readFileSync } from "node:fs"

/** Sends a signal; that the process is gone already is no mistake. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error
  }
}

/** The processes that a process has started, and those that these have; on Linux only. */
export function descendantsOf(pid: number): readonly number[] {
  const children = childrenOf(pid)
  return [...children, ...children.flatMap(descendantsOf)]
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    return text
      .split(" ")
      .filter((word) => word.trim() !== "")
      .map(Number)
  } catch {
    return []
  }
}
