import { join } from "node:path"
import type { Topology } from "@hanok/contract"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import { createTelemetry, createTelemetryServer } from "@hanok/telemetry"
import type { TelemetryServer } from "@hanok/telemetry"
import { CliError } from "../cli-error.ts"
import { developmentSecret } from "../config/secret.ts"

type Env = Readonly<Record<string, string | undefined>>

/** What a topology needs around it on a developer's machine: a secret, a database, a place for traces. */
export interface Surroundings {
  /** The environment for the topology's processes. */
  readonly env: Env
  /** Undefined when spans go elsewhere. */
  readonly telemetryUrl: string | undefined
  close(): Promise<void>
}

/** OTLP's own port; another free one when it is taken. */
const telemetryPort = 4318

/** Opens what the environment does not name already. Data lives in `folder`. Rejects with a `CliError`. */
export async function createSurroundings(topology: Topology, folder: string, env: Env): Promise<Surroundings> {
  const opened: (() => Promise<void>)[] = []
  const close = async () => {
    for (const closeOne of opened.toReversed()) await closeOne()
    opened.length = 0
  }
  try {
    const secret = env["HANOK_SECRET"] || (await developmentSecret(folder))
    const [telemetry, databaseUrl] = await allOrNone([
      env["OTEL_EXPORTER_OTLP_ENDPOINT"] ? undefined : openTelemetry(join(folder, "telemetry"), opened),
      env["DATABASE_URL"] || openDatabase(topology, join(folder, "postgres"), opened),
    ])
    return {
      env: {
        ...env,
        HANOK_SECRET: secret,
        ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
        ...(telemetry === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: telemetry.url }),
      },
      telemetryUrl: telemetry?.url,
      close,
    }
  } catch (error) {
    await close()
    throw error instanceof CliError ? error : new CliError(error instanceof Error ? error.message : String(error), "", 3)
  }
}

// Whoever fails is heard of when all have ended, so that what the others opened can be closed.
async function allOrNone<A, B>([first, second]: readonly [A | Promise<A>, B | Promise<B>]): Promise<readonly [A, B]> {
  await Promise.allSettled([first, second])
  return Promise.all([first, second])
}

async function openDatabase(topology: Topology, folder: string, opened: (() => Promise<void>)[]): Promise<string | undefined> {
  const needed = topology.modules.some(({ needs }) => Object.values(needs).some(({ technology }) => technology === "postgres"))
  if (!needed) return undefined
  const server = await createEmbeddedPostgres({ folder })
  opened.push(() => server.close())
  return server.url
}

async function openTelemetry(folder: string, opened: (() => Promise<void>)[]): Promise<TelemetryServer> {
  const telemetry = await createTelemetry({ folder })
  opened.push(() => telemetry.close())
  const server = await createTelemetryServer({ telemetry, port: telemetryPort }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return createTelemetryServer({ telemetry, port: 0 })
    throw error
  })
  opened.push(() => server.close())
  return server
}
