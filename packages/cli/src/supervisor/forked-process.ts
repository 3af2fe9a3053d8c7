import { fork } from "node:child_process"
import type { ChildProcess, Serializable } from "node:child_process"
import { getCompileCacheDir } from "node:module"
import { dirname } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { ListeningSocket } from "./listening-socket.ts"
import { linesOf } from "./lines-of.ts"
import { orphans } from "./orphans.ts"

/** Whoever looks after a process. */
export interface ProcessKeeper<From> {
  onMessage(message: From): void
  /** One line of the process's output. */
  onLine(line: string): void
  onExit(how: string): void
}

/** Beyond the time that it was given to finish; then it is killed. */
const extraMs = 500

/** A process that runs a file of ours, sends `From` and is sent `To`, and ends with this one. */
export class ForkedProcess<From, To extends Serializable> {
  readonly #child: ChildProcess
  readonly ended: Promise<void>
  readonly #early: ((keeper: ProcessKeeper<From>) => void)[] = []
  #keeper: ProcessKeeper<From> | undefined
  #exit: string | undefined

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    this.#child = fork(file, args, { env: { ...env, NODE_COMPILE_CACHE: compileCache() }, stdio: ["ignore", "pipe", "pipe", "ipc"] })
    if (this.pid !== undefined) orphans.add(this.pid)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) linesOf(stream, (line) => this.#tellKeeper((keeper) => keeper.onLine(line)))
    }
    // The only messages on the channel are those of the file.
    this.#child.on("message", (message) => this.heard(message as From))
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

  get hasEnded(): boolean {
    return this.#exit !== undefined
  }

  /** What nobody has been told so far is told at once. */
  keepBy(keeper: ProcessKeeper<From>): void {
    this.#keeper = keeper
    for (const tell of this.#early.splice(0)) tell(keeper)
    if (this.#exit !== undefined) keeper.onExit(this.#exit)
  }

  tell(message: To, socket?: ListeningSocket): void {
    // One that has gone meanwhile is heard of by its exit.
    if (this.#child.connected) this.#child.send(message, socket?.handle, {}, () => undefined)
  }

  kill(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGKILL")
  }

  /** Asks it to end with a message, waits for `graceMs`, and then kills it. */
  protected async end(message: To, graceMs: number): Promise<void> {
    if (this.#child.connected) this.tell(message)
    else this.#child.kill("SIGTERM")
    await Promise.race([this.ended, sleep(graceMs + extraMs, undefined, { ref: false })])
    this.kill()
    await this.ended
  }

  protected heard(message: From): void {
    this.#tellKeeper((keeper) => keeper.onMessage(message))
  }

  #tellKeeper(tell: (keeper: ProcessKeeper<From>) => void): void {
    if (this.#keeper) tell(this.#keeper)
    else this.#early.push(tell)
  }
}

// The folder named in the environment gets one for this version of Node in it: the one that is in use here.
function compileCache(): string | undefined {
  const folder = getCompileCacheDir()
  return folder === undefined ? undefined : dirname(folder)
}
