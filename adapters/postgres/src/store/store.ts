import { AsyncLocalStorage } from "node:async_hooks"
import { SingleConnectionProvider } from "kysely"
import type { ConnectionProvider, DatabaseConnection, Kysely } from "kysely"
import type { Context, EventEnvelope, Json, Store, Transaction } from "@hanok/contract"
import type { Session } from "../connection/session.ts"
import { withSession } from "../connection/with-session.ts"
import { boundDatabase, connectionOf } from "./bound-database.ts"
import { runTransaction } from "./run-transaction.ts"
import type { TransactionRun } from "./run-transaction.ts"

export interface StoreParts<Tables, Reads, Writes> extends Pick<TransactionRun<never>, "settings" | "acquire" | "mayBegin" | "appended"> {
  readonly read: (db: Kysely<Tables>) => Reads
  readonly write: (db: Kysely<Tables>) => Writes
}

export function createStore<Tables, Reads, Writes>(parts: StoreParts<Tables, Reads, Writes>): Store<Reads, Writes> {
  const { settings, acquire, mayBegin, appended } = parts
  const within = new AsyncLocalStorage<OpenTransaction>()
  return {
    read: (context) => parts.read(boundDatabase<Tables>(connectionsFor(context, acquire, within))),
    transaction<Result extends Json | void>(context: Context, work: (tx: Writes & Transaction) => Promise<Result>): Promise<Result> {
      return runTransaction({
        context,
        settings,
        acquire,
        mayBegin,
        appended,
        work(session, events) {
          const db = boundDatabase<Tables>(new SingleConnectionProvider(connectionOf(session)))
          const append = async (envelope: EventEnvelope, subscribers: readonly string[]) => {
            session.checkOpen()
            if (subscribers.length > 0) events.push({ envelope, subscribers })
          }
          return within.run({ context, session }, () => work({ ...parts.write(db), outbox: { append } }))
        },
      })
    },
  }
}

interface OpenTransaction {
  readonly context: Context
  readonly session: Session
}

// Each statement of a read takes a connection for itself: reads are not isolated from one another, and may run side by side. Within a
// transaction of its call it takes that one's: it sees what was written, and waits for no connection that others like it have.
function connectionsFor(
  context: Context,
  acquire: (context: Context) => Promise<Session>,
  within: AsyncLocalStorage<OpenTransaction>,
): ConnectionProvider {
  return {
    async provideConnection<T>(consumer: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
      const open = within.getStore()
      if (open?.context === context && open.session.isOpen) return consumer(connectionOf(open.session))
      return withSession(
        () => acquire(context),
        (session) => consumer(connectionOf(session)),
      )
    },
  }
}
