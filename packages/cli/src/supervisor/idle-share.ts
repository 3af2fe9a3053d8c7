import { cpus } from "node:os"
import type { CpuInfo } from "node:os"

/** Tells, each time it is called, which part of all processors' time nobody wanted since the last time; from 0 to 1. */
export function createIdleShare(read: () => readonly Pick<CpuInfo, "times">[] = cpus): () => number {
  let last = totalsOf(read())
  return () => {
    const before = last
    last = totalsOf(read())
    const all = last.all - before.all
    // Where a system does not tell.
    return all > 0 ? (last.idle - before.idle) / all : 1
  }
}

function totalsOf(processors: readonly Pick<CpuInfo, "times">[]): { readonly all: number; readonly idle: number } {
  let [all, idle] = [0, 0]
  for (const { times } of processors) {
    all += times.user + times.nice + times.sys + times.idle + times.irq
    idle += times.idle
  }
  return { all, idle }
}
