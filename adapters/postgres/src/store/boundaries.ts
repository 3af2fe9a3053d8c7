import type { Context, Json } from "@hanok/contract"
import type { Session } from "../connection/session.ts"
import { limitOf } from "../connection/statement-limit.ts"
import { insertEvents, insertEventsShown } from "./appended-event.ts"
import type { AppendedEvent } from "./appended-event.ts"
import { insertStep, insertStepShown, recordedIn, selectStep, selectStepShown } from "./step.ts"
import type { Recorded, Step } from "./step.ts"

/** How long after its deadline the database ends a transaction: then its process is frozen or gone. */
const afterDeadlineMs = 2_000

/** Begins, with the deadline made known to the database, and looks whether the step has committed before: one round trip. */
export async function begin(session: Session, context: Context, step: Step | undefined): Promise<Recorded | undefined> {
  const remainingMs = context.deadlineAt - Date.now()
  const longestMs = limitOf(remainingMs + afterDeadlineMs)
  const statements = [
    "begin",
    `set local statement_timeout = ${limitOf(remainingMs)}`,
    `set local idle_in_transaction_session_timeout = ${longestMs}`,
    ...limitOfTransaction(session, longestMs),
  ]
  const asked = step ? [selectStep(session, step)] : []
  const results = await session.script([...statements, ...asked].join("; "), step ? `begin; ${selectStepShown}` : "begin")
  session.limitsTransactions ??= results[3]?.rowCount === 1
  return step && recordedIn(results.at(-1))
}

// Those of statements and of idleness begin anew with each statement. The transaction as a whole can be limited from PostgreSQL 17 on,
// which a connection's first one finds out, since to ask costs the server more than to set it.
function limitOfTransaction({ limitsTransactions }: Session, limitMs: number): readonly string[] {
  if (limitsTransactions !== undefined) return limitsTransactions ? [`set local transaction_timeout = ${limitMs}`] : []
  return [`select set_config('transaction_timeout', '${limitMs}', true) where current_setting('server_version_num')::integer >= 170000`]
}

/** Writes the events and the step, and commits: one round trip. */
export async function commit(
  session: Session,
  events: readonly AppendedEvent[],
  step: Step | undefined,
  result: Json | void,
): Promise<void> {
  const hasEvents = events.length > 0
  const statements = [...(hasEvents ? [insertEvents(session, events)] : []), ...(step ? [insertStep(session, step, result)] : []), "commit"]
  // The span is one of the commit, whatever goes with it.
  const shown = ["commit", ...(hasEvents ? [insertEventsShown] : []), ...(step ? [insertStepShown] : [])]
  const results = await session.script(statements.join("; "), shown.join("; "))
  if (results.at(-1)?.command === "COMMIT") return
  throw new Error("Nothing was kept: a statement of the transaction failed, and its error was caught instead of being thrown on.")
}

/** Rolls back, and looks whether another run of the same work has meanwhile committed the step: one round trip. */
export async function rollBack(session: Session, step: Step | undefined): Promise<Recorded | undefined> {
  if (step === undefined) {
    await session.script("rollback", "rollback")
    return undefined
  }
  const results = await session.script(`rollback; ${selectStep(session, step)}`, `rollback; ${selectStepShown}`)
  return recordedIn(results.at(-1))
}
