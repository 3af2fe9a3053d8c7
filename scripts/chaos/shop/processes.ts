import { createServer } from "node:net"
import type { Server, Socket } from "node:net"
import { once } from "node:events"
import { eachMessage } from "./each-message.ts"
import type { FromProcess, ToProcess } from "./message.ts"
import { createNetwork } from "./network.ts"
import type { Line, Network } from "./network.ts"
import type { Version } from "./version.ts"

/** A process of the shop in which a service runs. */
export interface ServiceInstance {
  readonly service: string
  readonly version: Version
  readonly pid: number
  /** Set when it takes calls. */
  readonly line: Line | undefined
  shiftClock(ms: number): void
}

/** Knows which service runs in which process, and stands between them. */
export interface Processes {
  /** Where the processes tell who they are. */
  readonly socketPath: string
  /** Those that live. */
  of(service: string): readonly ServiceInstance[]
  all(): readonly ServiceInstance[]
  /** Process ids of those that run none yet. */
  spare(): readonly number[]
  close(): Promise<void>
}

/** Listens at that path for processes with the preload. */
export async function createProcesses(socketPath: string): Promise<Processes> {
  const network = createNetwork()
  const instances = new Set<Instance>()
  const server = createServer((socket) => new Instance(socket, network, instances))
  server.listen(socketPath)
  await once(server, "listening")
  const all = () => [...instances].filter(({ service }) => service !== "")
  return {
    socketPath,
    all,
    spare: () => [...instances].flatMap(({ service, pid }) => (service === "" && pid > 0 ? pid : [])),
    of: (service) => all().filter((instance) => instance.service === service),
    async close() {
      await closed(server, instances)
      await network.close()
    },
  }
}

async function closed(server: Server, instances: ReadonlySet<Instance>): Promise<void> {
  const done = once(server, "close")
  server.close()
  for (const instance of instances) instance.destroy()
  await done
}

class Instance implements ServiceInstance {
  service = ""
  version: Version = "usual"
  pid = 0
  line: Line | undefined
  readonly #socket: Socket

  constructor(socket: Socket, network: Network, instances: Set<Instance>) {
    this.#socket = socket
    instances.add(this)
    socket.on("close", () => {
      instances.delete(this)
      this.line?.close()
    })
    eachMessage<FromProcess>(socket, (message) => void this.#hear(message, network))
  }

  shiftClock(shiftMs: number): void {
    this.#tell({ kind: "clock", shiftMs })
  }

  destroy(): void {
    this.#socket.destroy()
  }

  async #hear(message: FromProcess, network: Network): Promise<void> {
    if (message.kind === "there") {
      this.pid = message.pid
      return
    }
    if (message.kind === "begin") {
      this.service = message.service
      this.version = message.version
      return
    }
    const line = await network.open(message.port)
    if (this.#socket.destroyed) return line.close()
    this.line = line
    this.#tell({ kind: "proxied", port: line.port })
  }

  #tell(message: ToProcess): void {
    this.#socket.write(`${JSON.stringify(message)}\n`)
  }
}
