import { existsSync } from "node:fs"
import { join } from "node:path"
import { leavesSpansOpen } from "@hanok/runtime/environment"
import { CliError, messageOf } from "../cli-error.ts"
import { developmentSecret } from "../config/secret.ts"
import type { Outline } from "../supervisor/outline.ts"
import { keepServer } from "./kept-server.ts"
import type { KeptServer, Server, ServerStart } from "./kept-server.ts"

type Env = Readonly<Record<string, string | undefined>>

/** What a topology needs around it on a developer's machine: a secret, a database, a place for traces. */
export interface Surroundings {
  /** What comes on top of the environment for that topology. Opens what it needs and is not open yet. Rejects with a `CliError`. */
  envFor(outline: Pick<Outline, "technologies">): Promise<Readonly<Record<string, string>>>
  /** Undefined when spans go elsewhere, or nothing is open yet. */
  readonly telemetryUrl: string | undefined
  /** Closes all, also what is just being opened. */
  close(): Promise<void>
}

export interface SurroundingsOptions {
  /** Where data lives. */
  readonly folder: string
  /** What it names already is not opened. */
  readonly env: Env
  onNotice(message: string): void
}

/** Begins to open what will be needed at once, so that it is there when the topology is known. */
export function createSurroundings({ folder, env, onNotice }: SurroundingsOptions): Surroundings {
  const closers: (() => Promise<void>)[] = []
  const opening = new Set<Promise<unknown>>()
  const stop = new AbortController()
  const postgresFolder = join(folder, "postgres")
  let telemetryUrl: string | undefined

  // Once; what could not be opened is tried again when it is needed again, for somebody may have mended what was in the way.
  const opener = <T>(start: () => Promise<T>) => {
    let open: Promise<T> | undefined
    return () => {
      if (open) return open
      const promise = start()
      opening.add(promise)
      promise.catch(() => (open = undefined))
      return (open = promise)
    }
  }
  const keep = async (name: string, start: (at: ServerStart) => Promise<Server>): Promise<KeptServer> => {
    const server = await keepServer({ name, start, onNotice, stopping: stop.signal })
    closers.push(() => server.close())
    return server
  }
  const telemetry = opener(() => keep("the store of traces", (at) => openTelemetry(join(folder, "telemetry"), at, onNotice)))
  const database = opener(() => keep("PostgreSQL", (at) => openDatabase(postgresFolder, at, onNotice)))
  // Where spans go elsewhere, or are not recorded, the store would say that there were none.
  if (leavesSpansOpen(env)) void telemetry()
  // A database that was needed the last time is likely to be needed again.
  if (!env["DATABASE_URL"] && existsSync(join(postgresFolder, "cluster"))) void database()

  return {
    async envFor({ technologies }) {
      try {
        const secret = env["HANOK_SECRET"] || (await developmentSecret(folder))
        const server = env["DATABASE_URL"] || !technologies.includes("postgres") ? undefined : database()
        const traces = leavesSpansOpen(env) ? telemetry() : undefined
        // Whoever fails is heard of when all have ended, so that what the others opened can be closed.
        await Promise.allSettled([server, traces])
        telemetryUrl = (await traces)?.url
        return {
          HANOK_SECRET: secret,
          ...named("DATABASE_URL", (await server)?.url),
          ...named("OTEL_EXPORTER_OTLP_ENDPOINT", telemetryUrl),
        }
      } catch (error) {
        throw error instanceof CliError ? error : new CliError(messageOf(error), "", 3)
      }
    },
    get telemetryUrl() {
      return telemetryUrl
    },
    async close() {
      stop.abort()
      await Promise.allSettled(opening)
      for (const close of closers.splice(0).toReversed()) await close()
    },
  }
}

async function openDatabase(folder: string, at: ServerStart, log: (message: string) => void): Promise<Server> {
  const { createEmbeddedPostgres } = await import("@hanok/postgres/embedded")
  return createEmbeddedPostgres({ folder, log, ...at })
}

async function openTelemetry(folder: string, at: ServerStart, onNotice: (message: string) => void): Promise<Server> {
  const { startTraceStore } = await import("./trace-store.ts")
  return startTraceStore({ folder, onNotice, ...at })
}

function named(name: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [name]: value }
}
