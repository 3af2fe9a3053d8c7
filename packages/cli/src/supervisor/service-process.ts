import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { getCompileCacheDir } from "node:module"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { FromService, ToService } from "./message.ts"

export interface ServiceProcessOptions {
  readonly config: string
  readonly service: string
  readonly env: Readonly<Record<string, string | undefined>>
  onMessage(message: FromService): void
  /** One line of the process's output. */
  onLine(line: string): void
  onExit(how: string): void
}

const main = fileURLToPath(new URL("../main.ts", import.meta.url))

/** One replica: a process that runs one service, and ends with this one. */
export class ServiceProcess {
  readonly #child: ChildProcess
  readonly ended: Promise<void>

  constructor({ config, service, env, onMessage, onLine, onExit }: ServiceProcessOptions) {
    this.#child = fork(main, ["serve", service, "--config", config], {
      env: { ...env, HANOK_SUPERVISED: "1", NODE_COMPILE_CACHE: getCompileCacheDir() },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", onLine)
    }
    // The only messages on the channel are those of `hanok serve`.
    this.#child.on("message", (message) => onMessage(message as FromService))
    this.#child.on("error", (error) => onLine(`the process failed: ${error.message}`))
    this.ended = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => {
        resolve()
        onExit(signal ?? `exit code ${code}`)
      })
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  tell(message: ToService): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  /** Lets it finish what it has for `graceMs`, then kills it. */
  async stop(graceMs: number): Promise<void> {
    this.#child.kill("SIGTERM")
    const stopped = await Promise.race([this.ended.then(() => true), sleep(graceMs, false, { ref: false })])
    if (!stopped) this.#child.kill("SIGKILL")
    await this.ended
  }
}
