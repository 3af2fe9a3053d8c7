import type { Context, Logger, Module } from "@hanok/contract"

/** Runs the module's jobs on timers; one that is still running skips its turn. Returns how to stop. */
export function startJobs(module: Module, ports: never, createContext: (job: string) => Context, log: Logger): () => void {
  const timers = Object.entries(module.jobs).map(([name, { everyMs, run }]) => {
    const job = run(ports)
    let running = false
    return setInterval(() => {
      if (running) return
      running = true
      job(createContext(name))
        .catch((error: unknown) => log.warn("a job failed", { error: String(error), job: name }))
        .finally(() => (running = false))
    }, everyMs)
  })
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
