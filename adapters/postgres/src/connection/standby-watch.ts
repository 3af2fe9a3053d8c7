import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "@hanok/contract"
import type { Logger } from "@hanok/contract"
import { DatabaseClient } from "./database-client.ts"
import { isDatabaseError } from "./database-error.ts"
import type { Settings } from "./settings.ts"

const lookMs = 2_000
const pauseMs = 1_000

/** Whether commits wait for a standby that is gone: neither a limit nor the end of their connection ends them. */
export interface StandbyWatch {
  /** A connection was given up while a statement was under way on it. */
  leftBehind(): void
  /** Throws while as many commits wait as there are connections in a pool: each further one would take another of the server's. */
  check(): void
  close(): void
}

export function createStandbyWatch(settings: Settings, poolSize: number, log: Logger): StandbyWatch {
  const { server, module } = settings
  const closing = new AbortController()
  let [waiting, isLooking] = [0, false]

  async function look(): Promise<void> {
    isLooking = true
    do {
      const before = waiting
      waiting = await commitsThatWait(settings).catch((error: unknown) => (isDatabaseError(error) ? before : 0))
      if (before === 0 && waiting > 0) log.warn("commits wait for a standby of the database; see pg_stat_replication", { server, waiting })
      if (before > 0 && waiting === 0) log.info("commits wait for no standby any more", { server })
      if (waiting > 0) await sleep(pauseMs, undefined, { ref: false, signal: closing.signal }).catch(() => undefined)
    } while (waiting > 0 && !closing.signal.aborted)
    isLooking = false
  }

  return {
    leftBehind() {
      if (!isLooking && !closing.signal.aborted) void look()
    },
    check() {
      if (waiting < poolSize) return
      const message = `PostgreSQL at ${server} waits for a standby, and ${waiting} commits of the module ${module} with it. Nothing was kept.`
      throw new Fault("UNAVAILABLE", message, {
        retryAfterMs: pauseMs,
        hint: "Bring the standby back, or take it out of synchronous_standby_names.",
      })
    },
    close: () => closing.abort(),
  }
}

// By a connection of its own: all of the pool's may be in use. The module's role sees its own, of other replicas as well.
async function commitsThatWait({ moduleUrl, module }: Settings): Promise<number> {
  const client = new DatabaseClient({
    connectionString: moduleUrl,
    application_name: `hanok ${module} (looking)`,
    connectionTimeoutMillis: lookMs,
    query_timeout: lookMs,
  })
  client.on("error", () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ waiting: number }>(waitingText)
    return rows[0]?.waiting ?? 0
  } finally {
    void client.end().catch(() => undefined)
  }
}

// A commit that is answered waits for some milliseconds as well.
const waitingText = `select count(*)::integer as waiting from pg_stat_activity
  where usename = current_user and wait_event = 'SyncRep' and state_change < clock_timestamp() - interval '1 second'`
