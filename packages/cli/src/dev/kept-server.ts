import { setTimeout as sleep } from "node:timers/promises"
import { messageOf } from "../cli-error.ts"
import { BackOff } from "../supervisor/back-off.ts"

/** A program that serves beside the services, such as PostgreSQL. */
export interface Server {
  readonly url: string
  /** Resolves when it has ended, by `close` or by itself; never rejects. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

/** One that is started again when it ends by itself, under the same address. */
export type KeptServer = Pick<Server, "url" | "close">

export interface ServerStart {
  /** Where it was before. */
  readonly port?: number
  /** Ends the start while it is under way: then it rejects, and nothing is left. */
  readonly signal: AbortSignal
}

export interface KeptServerOptions {
  /** What notices call it. */
  readonly name: string
  start(at: ServerStart): Promise<Server>
  onNotice(message: string): void
  /** When it is aborted, a start that is under way ends, and no other begins. */
  readonly stopping: AbortSignal
}

/** Starts it. Rejects with what is wrong and what to do; later troubles are told in notices. */
export async function keepServer({ name, start, onNotice, stopping }: KeptServerOptions): Promise<KeptServer> {
  const closing = new AbortController()
  const signal = AbortSignal.any([stopping, closing.signal])
  const backOff = new BackOff()
  let restarting = Promise.resolve()
  let server = await open({ signal })
  const { url } = server
  const port = Number(new URL(url).port)

  async function open(at: ServerStart): Promise<Server> {
    const opened = await start(at)
    backOff.serves()
    void opened.ended.then(() => {
      if (!signal.aborted) restarting = restart()
    })
    return opened
  }

  async function restart(): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = backOff.failed()
      onNotice(`${name} is started again in ${pauseMs} ms${backOff.failures > 1 ? ` (failed ${backOff.failures} times in a row)` : ""}`)
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      try {
        server = await open({ port, signal })
        return onNotice(`${name} is up again`)
      } catch (error) {
        if (!signal.aborted) onNotice(`${name} does not start: ${messageOf(error)}`)
      }
    }
  }

  return {
    url,
    async close() {
      closing.abort()
      await restarting
      await server.close()
    },
  }
}
