import { isFault } from "@hanok/contract"
import type { Adapter, AdapterHost, Context, Filled, Store } from "@hanok/contract"
import type { Kysely } from "kysely"
import type { Ask } from "./ask.ts"
import { createConnections } from "./connection/connections.ts"
import { isNotLetIn } from "./connection/database-error.ts"
import { settingsOf } from "./connection/settings.ts"
import { createStandbyWatch } from "./connection/standby-watch.ts"
import { withSession } from "./connection/with-session.ts"
import { createJournal } from "./journal.ts"
import { createOutbox } from "./outbox.ts"
import { Readiness } from "./provision/readiness.ts"
import { createStore } from "./store/store.ts"

export interface PostgresOptions<Tables, Reads, Writes> {
  /** The folder of the module's migrations, `NNNN_name.sql`: `new URL("migrations/", import.meta.url)`. */
  readonly migrations: URL
  /** The module's words for reading. `db` sees the module's own schema only. */
  readonly read: (db: Kysely<Tables>) => Reads
  /** The module's words for writing, and for reading within a transaction. */
  readonly write: (db: Kysely<Tables>) => Writes
  /** In place of the environment's `DATABASE_URL`: a user who may create roles and schemas. */
  readonly url?: string
  /** The most connections of the module in one process; 5 when not given. */
  readonly poolSize?: number
}

/**
 * A store on PostgreSQL, in a schema of the module's own. The types come from the two functions:
 * annotate their parameter with the module's tables.
 * @example
 * interface GiftTables { gift: { id: string; orderId: string; claimedAt: Date | null } }
 * export const giftStore = postgres({
 *   migrations: new URL("migrations/", import.meta.url),
 *   read: (db: Kysely<GiftTables>) => ({
 *     giftsOf: (orderId: string) => db.selectFrom("gift").selectAll().where("orderId", "=", orderId).execute(),
 *   }),
 *   write: (db: Kysely<GiftTables>) => ({
 *     claim: (id: string, claimedAt: Date) => db.updateTable("gift").set({ claimedAt }).where("id", "=", id).execute(),
 *   }),
 * })
 */
export function postgres<Tables, Reads, Writes>(options: PostgresOptions<Tables, Reads, Writes>): Adapter<Store<Reads, Writes>> {
  const adapter: PostgresAdapter<Store<Reads, Writes>> = {
    kind: "adapter",
    technology: "postgres",
    ownUrl: () => options.url,
    create: async (host) => createFilled(options, host),
  }
  return adapter
}

interface PostgresAdapter<Port> extends Adapter<Port> {
  /** A function, so that whoever shows a module shows no password. */
  readonly ownUrl: () => string | undefined
}

/** Of a store on PostgreSQL: the `url` that it was declared with, in place of the environment's. */
export function ownUrlOf(adapter: Adapter<unknown>): string | undefined {
  return "ownUrl" in adapter ? (adapter as PostgresAdapter<unknown>).ownUrl() : undefined
}

const defaultPoolSize = 5

function createFilled<Tables, Reads, Writes>(
  options: PostgresOptions<Tables, Reads, Writes>,
  host: AdapterHost,
): Filled<Store<Reads, Writes>> {
  const settings = settingsOf(host, options.url)
  const poolSize = options.poolSize ?? defaultPoolSize
  const standby = createStandbyWatch(settings, poolSize, host.log)
  const connections = createConnections(settings, poolSize, host.log, standby.leftBehind)
  const readiness = new Readiness(settings, connections, options.migrations, host.log)
  const acquire = async (context?: Context) => {
    if (!readiness.ready) await readiness.wait(context)
    try {
      return await connections.acquire(context)
    } catch (error) {
      if (error instanceof Error && isNotLetIn(error.cause)) readiness.reset()
      throw error
    }
  }
  // Otherwise a connection that is cut would fail a command that is done, or hold an event up, and those behind it, until its lease ends.
  const ask: Ask = (text, values) => withSession(acquire, async (session) => (await session.query(text, values)).rows)
  const outbox = createOutbox(ask)
  return {
    port: createStore({ ...options, settings, acquire, mayBegin: standby.check, appended: outbox.appended }),
    journal: createJournal(ask),
    outbox,
    async ready() {
      await readiness.prepare()
      // Behind callers who have them all it would be told how busy they are, and the whole service would get no more requests for it.
      if (!connections.areAllInUse) await ask("select 1 as ready", []).catch(unlessBusy)
    },
    close() {
      standby.close()
      return connections.close()
    },
  }
}

// It is there, and has no connection left: who has one already is served.
function unlessBusy(error: unknown): void {
  if (!isFault(error, "OVERLOADED")) throw error
}
