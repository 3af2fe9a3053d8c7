import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { cpus } from "node:os"

/** A process on a core of its own that answers messages. */
export interface Child {
  readonly pid: number
  /**
   * Sends a message and waits for the answer; rejects when the process ends or does not answer in time.
   * `onNote` is called, and waited for by nobody, whenever the process sends a `{ note }` before.
   */
  ask<Answer>(message: object, timeoutMs?: number, onNote?: () => void): Promise<Answer>
  stop(): Promise<void>
}

const patienceMs = 3_000

/** Starts a file of this benchmark with Node; it answers each message with `{ answer }` or `{ error }`. */
export function startChild(file: URL, args: readonly string[], core: number): Child {
  // All that the machine has: a child of a child, too, goes where it is told, and not where its parent is kept.
  const pinned = ["-c", String(Math.min(core, cpus().length - 1)), process.execPath]
  const child = fork(file, [...args], { execPath: "taskset", execArgv: pinned, stdio: ["ignore", "ignore", "inherit", "ipc"] })
  return {
    pid: child.pid ?? 0,
    ask: (message, timeoutMs = 60_000, onNote) => ask(child, message, timeoutMs, onNote),
    stop: () => stop(child),
  }
}

// What comes is what the other file of a benchmark sends.
interface Reply {
  readonly answer?: unknown
  readonly error?: string
  readonly note?: string
}

function ask<Answer>(child: ChildProcess, message: object, timeoutMs: number, onNote?: () => void): Promise<Answer> {
  const name = child.spawnargs.slice(4).join(" ")
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Error(`${name} did not answer within ${timeoutMs} ms.`))), timeoutMs)
    const onExit = () => settle(() => reject(new Error(`${name} ended.`)))
    const onMessage = (reply: Reply) => {
      if (reply.note !== undefined) onNote?.()
      else if (reply.error === undefined) settle(() => resolve(reply.answer as Answer))
      else settle(() => reject(new Error(`${name}: ${reply.error}`)))
    }
    const settle = (how: () => void) => {
      clearTimeout(timer)
      child.off("exit", onExit).off("message", onMessage)
      how()
    }
    child.on("exit", onExit).on("message", onMessage)
    child.send(message)
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, "exit")
  child.kill("SIGTERM")
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs)
  await ended
  clearTimeout(timer)
}

/** In a child: answers messages with what `handle` returns. */
export function answerMessages(handle: (message: never) => unknown): void {
  process.on("message", (message) => {
    Promise.resolve()
      .then(() => handle(message as never))
      .then(
        (answer) => tellParent({ answer }),
        (error: unknown) => tellParent({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      )
  })
  process.on("SIGTERM", () => process.exit(0))
  process.on("disconnect", () => process.exit(0))
}

// One that has gone meanwhile is heard of by the disconnection.
function tellParent(message: object): void {
  process.send?.(message, undefined, {}, () => undefined)
}
