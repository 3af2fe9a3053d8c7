import { isFault } from "@hanok/contract"
import { isConnectionLoss, isReadOnly } from "./database-error.ts"
import type { Session } from "./session.ts"

/**
 * Does what may be done again, over one connection; when that turns out to be dead, or dies, or leads to a server that takes no changes
 * any more, over another: where one does, all that were kept may. The last is one that was made for it.
 */
export async function withSession<T>(acquire: () => Promise<Session>, work: (session: Session) => Promise<T>): Promise<T> {
  for (let isFirst = true; ; isFirst = false) {
    const session = await acquire()
    const isLast = !isFirst && session.isNew
    try {
      await session.limitStatements()
      return await work(session)
    } catch (error) {
      if (isLast || !isFault(error) || !(isConnectionLoss(error.cause) || isReadOnly(error.cause))) throw error
    } finally {
      void session.release()
    }
  }
}
