import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { cores, startChild } from "./child.ts"
import { freePorts } from "./ports.ts"

/** A server that does nothing but answer: what the machine itself takes for a request, below which nobody can get. */
export interface Floor {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

export async function startFloor(): Promise<Floor> {
  const [port = 0] = await freePorts(1)
  const program = fileURLToPath(new URL("./floor-server.ts", import.meta.url))
  const child = startChild({ core: cores.system, args: [program, String(port)], ipc: true })
  await Promise.race([once(child.process, "message"), child.ended])
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop: () => child.stop() }
}
