import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "@hanok/contract"
import type { Context, Json } from "@hanok/contract"
import { faultOf, isConflict, isConnectionLoss, isDatabaseError } from "../connection/database-error.ts"
import type { Session } from "../connection/session.ts"
import type { Settings } from "../connection/settings.ts"
import { untilAborted } from "../connection/until-aborted.ts"
import type { AppendedEvent } from "./appended-event.ts"
import { begin, commit, rollBack } from "./boundaries.ts"
import { stepKeyConstraint, stepOf } from "./step.ts"
import type { Recorded, Step } from "./step.ts"

export interface TransactionRun<Result> {
  readonly context: Context
  readonly settings: Settings
  readonly acquire: (context: Context) => Promise<Session>
  /** Throws when none may begin at present. */
  readonly mayBegin: () => void
  /** Called after a commit that brought events. */
  readonly appended: () => void
  readonly work: (session: Session, events: AppendedEvent[]) => Promise<Result>
}

const longestTries = 10
const firstPauseMs = 4
const longestPauseMs = 200

/**
 * Runs the work in one transaction; again after a conflict with another. Under a key, a step that has committed
 * before is not run: its result is given back, also when another run of the same work commits it first.
 */
export function runTransaction<Result extends Json | void>(run: TransactionRun<Result>): Promise<Result> {
  return run.context.step((number) => runStep(run, stepOf(run.context, number)))
}

async function runStep<Result extends Json | void>(run: TransactionRun<Result>, step: Step | undefined): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(run, step)
    } catch (error) {
      // With a step the same transaction cannot be kept twice, so that one whose commit nobody knows of may be run again.
      const passes = isConflict(error) || (error instanceof UnknownCommit && step !== undefined)
      if (!passes) throw error instanceof UnknownCommit ? error.fault : error
      if (tries === longestTries) throw error instanceof UnknownCommit ? error.fault : conflictFault(tries, error)
    }
    await untilAborted(sleep(pauseMs(tries), undefined, { ref: false }), run.context.signal)
  }
}

async function attempt<Result extends Json | void>(run: TransactionRun<Result>, step: Step | undefined): Promise<Result> {
  const { session, recorded } = await start(run, step)
  if (recorded) return endWith(session, recorded)
  const events: AppendedEvent[] = []
  let result: Result
  try {
    result = await untilAborted(run.work(session, events), run.context.signal)
    session.close()
  } catch (error) {
    return undo(run, session, step, () => error)
  }
  try {
    await commit(session, events, step, result)
  } catch (error) {
    return undo(run, session, step, (isGone) => {
      const isUnknown = isGone || isConnectionLoss(error) || isTaken(error)
      return isUnknown ? new UnknownCommit(run.settings, error) : faultOf(error, run.settings.server)
    })
  }
  void session.release()
  if (events.length > 0) run.appended()
  return result
}

interface Started {
  readonly session: Session
  readonly recorded: Recorded | undefined
}

// A connection may have died while nobody used it, and so may all that were kept, as when the server has lost its power; nothing has
// happened yet, so another may begin instead, and at last one that was made for it.
async function start({ context, settings, acquire, mayBegin }: TransactionRun<unknown>, step: Step | undefined): Promise<Started> {
  mayBegin()
  for (let isFirst = true; ; isFirst = false) {
    const session = await acquire(context)
    const isLast = !isFirst && session.isNew
    try {
      return { session, recorded: await begin(session, context, step) }
    } catch (error) {
      void session.release({ rollBack: true })
      if (isLast || !isConnectionLoss(error)) throw faultOf(error, settings.server)
    }
  }
}

// The step's result has the type of the work that recorded it: the same code at the same place.
async function endWith<Result>(session: Session, { result }: Recorded): Promise<Result> {
  void session.release({ rollBack: true })
  return result as Result
}

// Ends with that error, unless another run has meanwhile kept the step. A server that panics says why, and is gone: what it answered a
// commit with says nothing about what it had written before.
async function undo<Result>(
  { context }: TransactionRun<Result>,
  session: Session,
  step: Step | undefined,
  error: (isGone: boolean) => unknown,
): Promise<Result> {
  session.close()
  const asks = !context.signal.aborted && !session.lost
  const undone = asks ? await rolledBack(session, step) : undefined
  if (undone?.recorded) return endWith<Result>(session, undone.recorded)
  // Without that answer the transaction may still be open: whoever gets the connection next would be in it.
  void session.release({ rollBack: undone === undefined })
  throw error(asks && !undone)
}

// Another run of the same work has kept its step first.
function isTaken(error: unknown): boolean {
  return isDatabaseError(error, "23505") && error.constraint === stepKeyConstraint
}

// `undefined` when it did not come to it: the caller has left meanwhile, or the connection is gone.
function rolledBack(session: Session, step: Step | undefined): Promise<{ readonly recorded: Recorded | undefined } | undefined> {
  return rollBack(session, step).then(
    (recorded) => ({ recorded }),
    () => undefined,
  )
}

/** The connection was lost while the commit was under way. */
class UnknownCommit extends Error {
  readonly fault: Fault

  constructor({ server }: Settings, cause: unknown) {
    super("The outcome of a commit is not known.", { cause })
    const message = `The connection to PostgreSQL at ${server} was lost while a transaction was being committed; it may have been kept.`
    this.fault = new Fault("UNAVAILABLE", message, {
      cause,
      hint: "The outcome is unknown: repeat a command only with its idempotency key.",
    })
  }
}

function conflictFault(tries: number, cause: unknown): Fault {
  const message = `A transaction met a conflict with others ${tries} times in a row; it was not kept.`
  return new Fault("OVERLOADED", message, { cause, retryAfterMs: longestPauseMs })
}

function pauseMs(tries: number): number {
  const ceiling = Math.min(longestPauseMs, firstPauseMs * 2 ** tries)
  return ceiling / 2 + Math.random() * (ceiling / 2)
}
