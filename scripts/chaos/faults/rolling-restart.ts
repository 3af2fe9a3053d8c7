import { setTimeout as sleep } from "node:timers/promises"
import type { Fault, Site } from "./fault.ts"
import { signal } from "./signals.ts"

/** Every service in turn is told to end, and the next one when there is another process in its place that serves. */
export const rollingRestart: Fault = {
  name: "rolling-restart",
  async inflict(site, random) {
    const { services, brevity } = site
    // In a short run there is time for some only.
    const some = services.toSorted(() => random.next() - 0.5).slice(0, Math.max(2, Math.ceil(services.length * brevity)))
    const wrong: string[] = []
    for (const service of some) if (!(await restart(site, service))) wrong.push(`${service} does not come back`)
    return { target: some.join(", "), recoveryMs: null, wrong }
  },
}

const patienceMs = 30_000

async function restart({ shop, probe }: Site, service: string): Promise<boolean> {
  const before = shop.processes.of(service).map(({ pid }) => pid)
  for (const pid of before) signal(pid, "SIGTERM")
  const until = performance.now() + patienceMs
  const isReplaced = () => {
    const now = shop.processes.of(service).filter(({ line }) => line !== undefined)
    return now.length >= before.length && now.every(({ pid }) => !before.includes(pid))
  }
  while (!isReplaced()) {
    if (performance.now() > until) return false
    await sleep(50)
  }
  return (await probe.recovery(service)) !== undefined
}
