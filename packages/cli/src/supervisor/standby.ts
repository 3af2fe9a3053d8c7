import { createIdleShare } from "./idle-share.ts"
import type { ServiceProcess } from "./service-process.ts"

/** Not at once: what has just happened needs the processors more, and what has just started is slow until its code is compiled. */
const prepareAfterMs = 5_000
/** Nor while those that serve leave nothing of the processors, as in a surge; for so long at most. */
const waitForRoomMs = 15_000
const leastIdleShare = 0.1
const lookMs = 1_000
/** One in eight may fail while another one is being replaced. */
const replicasForEach = 8
const graceMs = 250

/**
 * Processes more than are needed. They have read the configuration already, and take the places of those that crashed in a
 * part of the time that new ones would take.
 */
export class Standby {
  readonly #make: () => ServiceProcess
  readonly #onLine: (line: string) => void
  readonly #idleShare: () => number
  /** The oldest first. */
  readonly #processes = new Set<ServiceProcess>()
  #wanted = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(make: () => ServiceProcess, onLine: (line: string) => void, idleShare = createIdleShare()) {
    this.#make = make
    this.#onLine = onLine
    this.#idleShare = idleShare
  }

  /**
   * Has as many as that number of replicas needs, when nothing has happened for five seconds and the processors have room; until
   * then call it whenever something does.
   */
  prepare(replicas: number): void {
    // Where there is but one process, another one would be half of all.
    this.#wanted = replicas > 1 ? Math.ceil(replicas / replicasForEach) : 0
    this.#prepareSoon()
  }

  /** The one that is the furthest; it may still be reading. */
  take(): ServiceProcess | undefined {
    const all = [...this.#processes]
    const process = all.find(({ isLoaded }) => isLoaded) ?? all[0]
    if (process) this.#processes.delete(process)
    return process
  }

  /** Those that stand by may still be taken. */
  startNoMore(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async close(): Promise<void> {
    this.startNoMore()
    await Promise.all([...this.#processes].map((process) => process.stop({ graceMs })))
  }

  kill(): void {
    this.startNoMore()
    for (const process of this.#processes) process.kill()
  }

  #prepareSoon(): void {
    clearTimeout(this.#timer)
    if (!this.#closed) this.#timer = setTimeout(() => this.#lookForRoom(waitForRoomMs), prepareAfterMs - lookMs).unref()
  }

  #lookForRoom(leftMs: number): void {
    // From here on.
    this.#idleShare()
    this.#timer = setTimeout(() => {
      if (leftMs > 0 && this.#idleShare() < leastIdleShare) this.#lookForRoom(leftMs - lookMs)
      else this.#start()
    }, lookMs).unref()
  }

  // One after the other.
  #start(): void {
    // The last one may tell that it has read while it is being stopped.
    if (this.#closed) return
    this.#endSurplus()
    if (this.#processes.size >= this.#wanted) return
    const process = this.#make()
    this.#processes.add(process)
    process.keepBy({
      onMessage: ({ kind }) => {
        if (kind === "loaded") this.#start()
        // The configuration was good before: one that cannot be loaded now is told of where a process is needed.
        else if (kind === "failed") this.#end(process)
      },
      onLine: this.#onLine,
      onExit: () => {
        this.#processes.delete(process)
        if (process.isLoaded) this.#prepareSoon()
      },
    })
  }

  // They have nothing to finish.
  #endSurplus(): void {
    for (const process of [...this.#processes].slice(this.#wanted)) this.#end(process)
  }

  // From now on nobody can take it.
  #end(process: ServiceProcess): void {
    this.#processes.delete(process)
    process.kill()
  }
}
