import { isFault } from "@hanok/contract"
import { isConnectionLoss } from "./connection/database-error.ts"
import type { Session } from "./connection/session.ts"

/** One statement outside of any call's context; resolves to its rows. Rejects with a `Fault` when the database cannot be reached. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>

/**
 * For the journal and the outbox, whose statements may be carried out twice. So when a connection turns out to be dead, or dies, another
 * is asked: otherwise one that is cut would fail a command that is done, or hold an event up, and those behind it, until its lease ends.
 */
export function createAsk(acquire: () => Promise<Session>): Ask {
  return async (text, values) => {
    for (let last = false; ; last = true) {
      const session = await acquire()
      try {
        await session.limitStatements()
        return (await session.query(text, values)).rows
      } catch (error) {
        if (last || !isFault(error) || !isConnectionLoss(error.cause)) throw error
      } finally {
        void session.release()
      }
    }
  }
}
