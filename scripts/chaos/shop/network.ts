import { Worker } from "node:worker_threads"
import type { FromNetwork, ToNetwork, Weather } from "./weather.ts"

/** One process's line to those who call it. */
export interface Line {
  /** Where it is to be called. */
  readonly port: number
  weather(weather: Weather): void
  /** Ends all connections, as the system does when a process dies. */
  close(): void
}

/** Lines between processes, on a thread of their own, so that they are no slower when much is going on here. */
export interface Network {
  /** Passes on to that port. */
  open(port: number): Promise<Line>
  close(): Promise<void>
}

export function createNetwork(): Network {
  const worker = new Worker(new URL("network-worker.ts", import.meta.url), { execArgv: [] })
  const opening = new Map<number, (port: number) => void>()
  let next = 0
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  const send = (message: ToNetwork) => worker.postMessage(message)
  worker.on("message", ({ id, port }: FromNetwork) => {
    opening.get(id)?.(port)
    opening.delete(id)
  })
  worker.unref()
  return {
    async open(port) {
      const id = next++
      const opened = new Promise<number>((resolve) => opening.set(id, resolve))
      send({ kind: "open", id, port })
      return {
        port: await opened,
        weather: (weather) => send({ kind: "weather", id, weather }),
        close: () => send({ kind: "close", id }),
      }
    },
    close: async () => void (await worker.terminate()),
  }
}
