import { readdirSync, readFileSync } from "node:fs"

/** Of `utime` and `stime` in `/proc/<pid>/stat` (proc(5)); 100 a second on every Linux that Node supports. */
const ticksPerSecond = 100

/** CPU time, user and system, that the processes have used so far, in milliseconds. */
export function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuMs(pid), 0)
}

/** Memory of the processes in megabytes, what they share divided among them (PSS). */
export function memoryMbOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + pssKb(pid), 0) / 1024
}

/** The process and all that descend from it and are alive. */
export function familyOf(pid: number): readonly number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(Number(name)))
  }
  const family = [pid]
  // It grows while it is walked through.
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child)
  return family
}

/** CPU time of a process and of all that descend from it, ended ones too, in milliseconds. */
export function familyCpuMs(pid: number): number {
  return familyOf(pid).reduce((sum, member) => sum + cpuMs(member, true), 0)
}

function cpuMs(pid: number, withEndedChildren = false): number {
  const fields = statOf(pid)
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number)
  return ((utime + stime + (withEndedChildren ? cutime + cstime : 0)) * 1000) / ticksPerSecond
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1] ?? 0)
}

// The fields behind the command's name, which may hold spaces: the state is the first of them. None of a process that is gone.
function statOf(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1")
    return text.slice(text.lastIndexOf(")") + 2).split(" ")
  } catch {
    return []
  }
}

function pssKb(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1")
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0)
}
