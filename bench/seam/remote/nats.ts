import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

const port = 42_229

export const natsUrl = `nats://127.0.0.1:${port}`

/** Starts `nats-server` for the contenders that need it; undefined when it is not installed. */
export async function startNats(core: number): Promise<{ stop(): Promise<void> } | undefined> {
  const child = spawn("taskset", ["-c", String(core), "nats-server", "--addr", "127.0.0.1", "--port", String(port)], { stdio: "ignore" })
  const ended = once(child, "exit")
  for (let attempt = 0; attempt < 50; attempt++) {
    if (await answers()) {
      return {
        async stop() {
          child.kill("SIGTERM")
          await ended
        },
      }
    }
    if (child.exitCode !== null) return undefined
    await sleep(100)
  }
  child.kill("SIGKILL")
  return undefined
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" })
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("data", () => socket.destroy())
  })
}
