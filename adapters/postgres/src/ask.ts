import type { Session } from "./connection/session.ts"

/** One statement outside of any call's context; resolves to its rows. Rejects with a `Fault` when the database cannot be reached. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>

export function createAsk(acquire: () => Promise<Session>): Ask {
  return async (text, values) => {
    const session = await acquire()
    try {
      await session.limitStatements()
      return (await session.query(text, values)).rows
    } finally {
      void session.release()
    }
  }
}
