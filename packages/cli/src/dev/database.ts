import { setTimeout as sleep } from "node:timers/promises"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import type { EmbeddedPostgres } from "@hanok/postgres/embedded"
import { messageOf } from "../cli-error.ts"
import { BackOff } from "../supervisor/back-off.ts"

type Notice = (message: string) => void

/** A PostgreSQL that is started again when it dies, under the same address. */
export interface Database {
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts it. Rejects with what is wrong and what to do; later troubles are told in notices. When the signal is aborted, a start
 * that is under way ends, and no other begins.
 */
export async function createDatabase(folder: string, onNotice: Notice, stopping: AbortSignal): Promise<Database> {
  const closing = new AbortController()
  const signal = AbortSignal.any([stopping, closing.signal])
  const backOff = new BackOff()
  let restarting = Promise.resolve()
  let server = await open()
  const { url } = server
  const port = Number(new URL(url).port)

  async function open(at: { readonly port?: number } = {}): Promise<EmbeddedPostgres> {
    const opened = await createEmbeddedPostgres({ folder, log: onNotice, signal, ...at })
    backOff.serves()
    void opened.ended.then(() => {
      if (!signal.aborted) restarting = restart()
    })
    return opened
  }

  async function restart(): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = backOff.failed()
      onNotice(`PostgreSQL is started again in ${pauseMs} ms${backOff.failures > 1 ? ` (failed ${backOff.failures} times in a row)` : ""}`)
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      try {
        server = await open({ port })
        return onNotice("PostgreSQL is up again")
      } catch (error) {
        if (!signal.aborted) onNotice(`PostgreSQL does not start: ${messageOf(error)}`)
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
