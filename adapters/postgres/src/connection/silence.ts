import type { Logger } from "@hanok/contract"
import { DatabaseClient } from "./database-client.ts"
import { connectFaultOf, isDatabaseError } from "./database-error.ts"
import type { Settings } from "./settings.ts"

const lookMs = 2_000
/** Of one absence it tells no more often, in milliseconds. */
const toldAgainMs = 60_000

/** Resolves to why nobody is answered by the server; `undefined` when somebody is. */
export type FindSilence = () => Promise<unknown>

/**
 * Finds out by one more connection, for whom all are taken: those that have them may wait for answers of a server that is away, and hear
 * nothing before their deadlines. All who ask meanwhile share it. That nobody is answered is told in the log.
 */
export function createFindSilence({ moduleUrl, server, module }: Settings, log: Logger): FindSilence {
  let looking: Promise<unknown> | undefined
  let toldAtMs = Number.NEGATIVE_INFINITY
  const look = async () => {
    const client = new DatabaseClient({
      connectionString: moduleUrl,
      application_name: `hanok ${module} (looking)`,
      connectionTimeoutMillis: lookMs,
    })
    client.on("error", () => undefined)
    const error: unknown = await client.connect().then(
      () => undefined,
      (caught: unknown) => caught,
    )
    void client.end().catch(() => undefined)
    // What it says itself, such as that it takes no more connections, is an answer.
    const silence = error === undefined || isDatabaseError(error) ? undefined : connectFaultOf(error, server)
    if (silence instanceof Error && performance.now() - toldAtMs >= toldAgainMs) {
      toldAtMs = performance.now()
      log.warn("the database answers nobody", { error: silence.message })
    }
    return silence
  }
  return () => (looking ??= look().finally(() => (looking = undefined)))
}
