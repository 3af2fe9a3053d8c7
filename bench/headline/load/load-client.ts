import { fileURLToPath } from "node:url"
import { cores, startChild } from "../machine/child.ts"
import type { WindowOrder, WindowReport } from "./window.ts"

/** The load client in its own process. */
export interface LoadClient {
  run(order: WindowOrder): Promise<WindowReport>
  stop(): Promise<void>
}

export function startLoadClient(): LoadClient {
  const child = startChild({ core: cores.client, args: [fileURLToPath(new URL("./client.ts", import.meta.url))], ipc: true })
  return {
    run(order) {
      const reported = new Promise<WindowReport>((resolve) => {
        // What the program sends.
        child.process.once("message", (report) => resolve(report as WindowReport))
      })
      const died = child.ended.then((code): never => {
        throw new Error(`The load client has ended with ${code}:\n${child.said()}`)
      })
      child.process.send(order)
      return Promise.race([reported, died])
    },
    stop: () => child.stop(),
  }
}
