import { isFault } from "@hanok/contract"
import { isConnectionLoss, isReadOnly } from "./database-error.ts"
import type { Session } from "./session.ts"

/**
 * Does what may be done twice, over one connection; when that turns out to be dead, or dies, or leads to a server that takes no changes
 * any more, over another.
 */
export async function withSession<T>(acquire: () => Promise<Session>, work: (session: Session) => Promise<T>): Promise<T> {
  for (let last = false; ; last = true) {
    const session = await acquire()
    try {
      await session.limitStatements()
      return await work(session)
    } catch (error) {
      if (last || !isFault(error) || !(isConnectionLoss(error.cause) || isReadOnly(error.cause))) throw error
    } finally {
      void session.release()
    }
  }
}
