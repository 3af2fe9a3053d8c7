import { spawn } from "node:child_process"
import { once } from "node:events"
import { availableParallelism } from "node:os"

/**
 * Keeps the cores on which is measured awake until this process ends, by a process on each that runs when nothing else wants to.
 * A core with nothing to do goes to sleep, in a virtual machine to where another machine may take its place; how long it takes
 * to wake, and how cold its caches are then, is the machine's doing, and differs by more than what is compared.
 */
export async function keepAwake(): Promise<void> {
  const busy = ["chrt", "--idle", "0", "sh", "-c", "while :; do :; done"]
  for (const core of [0, 1].slice(0, availableParallelism())) {
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "taskset", "-c", String(core), ...busy], { stdio: "ignore" })
    await once(child, "spawn")
    child.unref()
  }
}
