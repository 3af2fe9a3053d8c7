import type { Fault, Site } from "./fault.ts"
import { signal } from "./signals.ts"

/** Every process in turn is told to end, and the next one when it is there again. */
export const rollingRestart: Fault = {
  name: "rolling-restart",
  async inflict(site, random) {
    const { shop, services, brevity } = site
    // In a short run there is time for some only.
    const some = services.toSorted(() => random.next() - 0.5).slice(0, Math.max(2, Math.ceil(services.length * brevity)))
    const wrong: string[] = []
    for (const service of some) {
      for (const { pid } of shop.processes.of(service)) signal(pid, "SIGTERM")
      if (!(await comesBack(site, service))) wrong.push(`${service} does not come back`)
    }
    return { target: some.join(", "), recoveryMs: null, wrong }
  },
}

async function comesBack({ probe }: Site, service: string): Promise<boolean> {
  return (await probe.recovery(service)) !== undefined
}
