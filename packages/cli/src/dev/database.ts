import { setTimeout as sleep } from "node:timers/promises"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import type { EmbeddedPostgres } from "@hanok/postgres/embedded"
import { BackOff } from "../supervisor/back-off.ts"

type Notice = (message: string) => void

/** A PostgreSQL that is started again when it dies, under the same address. */
export interface Database {
  readonly url: string
  close(): Promise<void>
}

/** Starts it. Rejects with what is wrong and what to do; later troubles are told in notices. */
export async function createDatabase(folder: string, onNotice: Notice): Promise<Database> {
  const backOff = new BackOff()
  const stop = new AbortController()
  let server = await open(folder, undefined, onNotice, ended)
  backOff.serves()
  const url = server.url
  const port = Number(new URL(url).port)
  let restarting = Promise.resolve()

  function ended(): void {
    if (!stop.signal.aborted) restarting = restart()
  }

  async function restart(): Promise<void> {
    while (!stop.signal.aborted) {
      const pauseMs = backOff.failed()
      onNotice(`PostgreSQL is started again in ${pauseMs} ms${backOff.failures > 1 ? ` (failed ${backOff.failures} times in a row)` : ""}`)
      await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined)
      if (stop.signal.aborted) return
      try {
        server = await open(folder, port, onNotice, ended)
        backOff.serves()
        return onNotice("PostgreSQL is up again")
      } catch (error) {
        onNotice(`PostgreSQL does not start: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }

  return {
    url,
    async close() {
      stop.abort()
      await restarting
      await server.close()
    },
  }
}

async function open(folder: string, port: number | undefined, onNotice: Notice, onEnded: () => void): Promise<EmbeddedPostgres> {
  let isOpen = false
  // Once it is open, the one thing that is unusual enough to be told is that it has ended by itself.
  const log = (message: string) => {
    onNotice(message)
    if (isOpen) onEnded()
  }
  const server = await createEmbeddedPostgres({ folder, log, ...(port === undefined ? {} : { port }) })
  isOpen = true
  return server
}
