import { createRequire } from "node:module"
import { ForkedProcess } from "../supervisor/forked-process.ts"
import type { Server, ServerStart } from "./kept-server.ts"

/** What the process of the store tells. */
export type FromTraceStore =
  | { readonly kind: "listens"; readonly url: string }
  /** It cannot be opened, and ends. */
  | { readonly kind: "failed"; readonly message: string }

/** Writes what waits, and ends. */
type ToTraceStore = { readonly kind: "stop" }

export interface TraceStoreOptions extends ServerStart {
  /** Where traces are kept. */
  readonly folder: string
  /** What it prints, and how it ended by itself. */
  onNotice(message: string): void
}

const file = createRequire(import.meta.url).resolve("#trace-store")
/** OTLP's own port; another free one when it is taken. */
const usualPorts: readonly number[] = [4318, 0]
/** What was acknowledged is on disk by then; it is made part of the database, which a kill puts off until the next start. */
const graceMs = 5_000

class TraceStoreProcess extends ForkedProcess<FromTraceStore, ToTraceStore> {
  stop(): Promise<void> {
    return this.end({ kind: "stop" }, graceMs)
  }
}

/**
 * The store of traces, in a process of its own: what it costs and what ends it is not the services' business, nor their supervisor's.
 * Rejects with what is wrong and what to do.
 */
export async function startTraceStore({ folder, port, signal, onNotice }: TraceStoreOptions): Promise<Server> {
  // Options for Node are meant for services: what they load and trace is not to be traced into here.
  const { NODE_OPTIONS: _, ...env } = process.env
  const ports = port === undefined ? usualPorts : [port]
  const store = new TraceStoreProcess(file, [folder, ports.join()], env)
  const listening = Promise.withResolvers<string>()
  let isServing = false
  store.keepBy({
    onLine: (line) => onNotice(`the store of traces: ${line}`),
    onMessage: (message) => (message.kind === "listens" ? listening.resolve(message.url) : listening.reject(new Error(message.message))),
    onExit: (how) => {
      listening.reject(new Error(`The store of traces ended before it served: ${how}`))
      if (isServing) onNotice(`the store of traces ended: ${how}`)
    },
  })
  const giveUp = () => store.kill()
  signal.addEventListener("abort", giveUp, { once: true })
  try {
    if (signal.aborted) giveUp()
    const url = await listening.promise
    isServing = true
    return {
      url,
      ended: store.ended,
      close() {
        isServing = false
        return store.stop()
      },
    }
  } catch (error) {
    await store.ended
    throw error
  } finally {
    signal.removeEventListener("abort", giveUp)
  }
}
