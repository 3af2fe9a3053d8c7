import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { createRequire, getCompileCacheDir } from "node:module"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { dirname } from "node:path"
import type { FromService, ToService } from "./message.ts"
import type { ListeningSocket } from "./listening-socket.ts"
import { orphans } from "./orphans.ts"

/** Whoever looks after a process. */
export interface ProcessKeeper {
  onMessage(message: FromService): void
  /** One line of the process's output. */
  onLine(line: string): void
  onExit(how: string): void
}

const entry = createRequire(import.meta.url).resolve("#supervised")
/** Beyond the time that it was given to finish; then it is killed. */
const extraMs = 500

/** A process that reads the configuration at once, runs a service when it is told to, and ends with this one. */
export class ServiceProcess {
  readonly #child: ChildProcess
  readonly ended: Promise<void>
  readonly #early: ((keeper: ProcessKeeper) => void)[] = []
  #keeper: ProcessKeeper | undefined
  #exit: string | undefined
  #isLoaded = false

  constructor(config: string, env: Readonly<Record<string, string | undefined>>) {
    this.#child = fork(entry, [config], {
      env: { ...env, HANOK_SUPERVISED: "1", NODE_COMPILE_CACHE: compileCache() },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    })
    if (this.pid !== undefined) orphans.add(this.pid)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (line) => this.#tellKeeper((keeper) => keeper.onLine(line)))
    }
    // The only messages on the channel are those of a supervised service.
    this.#child.on("message", (message) => this.#heard(message as FromService))
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        if (this.pid !== undefined) orphans.delete(this.pid)
        this.#exit = how
        resolve()
        this.#keeper?.onExit(how)
      }
      this.#child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`))
      // Without a process id it never started, and there is no exit to come.
      this.#child.on("error", (error) => (this.#child.pid === undefined ? end(error.message) : undefined))
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it has read the configuration. */
  get isLoaded(): boolean {
    return this.#isLoaded
  }

  get hasEnded(): boolean {
    return this.#exit !== undefined
  }

  /** What nobody has been told so far is told at once. */
  keepBy(keeper: ProcessKeeper): void {
    this.#keeper = keeper
    for (const tell of this.#early.splice(0)) tell(keeper)
    if (this.#exit !== undefined) keeper.onExit(this.#exit)
  }

  tell(message: ToService, socket?: ListeningSocket): void {
    // One that has gone meanwhile is heard of by its exit.
    if (this.#child.connected) this.#child.send(message, socket?.handle, {}, () => undefined)
  }

  /** Lets it finish what it has for `graceMs`, then kills it. Idle connections from outside are kept for `lingerMs`. */
  async stop({ graceMs, lingerMs = 0 }: { readonly graceMs: number; readonly lingerMs?: number }): Promise<void> {
    if (this.#child.connected) this.tell({ kind: "stop", graceMs, lingerMs })
    else this.#child.kill("SIGTERM")
    await Promise.race([this.ended, sleep(graceMs + extraMs, undefined, { ref: false })])
    this.kill()
    await this.ended
  }

  kill(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGKILL")
  }

  #heard(message: FromService): void {
    if (message.kind === "loaded") this.#isLoaded = true
    this.#tellKeeper((keeper) => keeper.onMessage(message))
  }

  #tellKeeper(tell: (keeper: ProcessKeeper) => void): void {
    if (this.#keeper) tell(this.#keeper)
    else this.#early.push(tell)
  }
}

// The folder named in the environment gets one for this version of Node in it: the one that is in use here.
function compileCache(): string | undefined {
  const folder = getCompileCacheDir()
  return folder === undefined ? undefined : dirname(folder)
}
