import { Fault } from "@hanok/contract"
import type { Context, Span } from "@hanok/contract"
import type { PoolClient, QueryConfig, QueryResult } from "pg"
import { faultOf, isConnectionLoss, isDatabaseError, isReadOnly, isStalePlan } from "./database-error.ts"
import type { Statement, Statements } from "./statement.ts"
import { newLimitMs, usualLimitMs } from "./statement-limit.ts"
import { withoutZero } from "./text.ts"
import { abortFault, untilAborted } from "./until-aborted.ts"
import { parameterOf } from "./value-types.ts"

type Row = Readonly<Record<string, unknown>>

/** What a connection was told last that its statements may take, in milliseconds. */
const statementLimits = new WeakMap<PoolClient, number>()
/** See `limitsTransactions`. */
const transactionLimits = new WeakMap<PoolClient, boolean>()
/** Those that somebody has had before. */
const used = new WeakSet<PoolClient>()
/** See `tellEnding`. */
const endings = new WeakMap<PoolClient, Error>()
/** The number is sent in two bytes: of more the server would get a part, and take it for a fault of the connection's. */
const mostValues = 65_535
/** How long a statement whose caller has left may still run before its connection is given up. */
const patienceMs = 1_000
/** How long a statement that no context limits is waited for. */
const longestSilenceMs = usualLimitMs + patienceMs

/** Why a connection has ended on which nothing was being asked: whoever asks next is told. The first to be told of it says most. */
export function tellEnding(client: PoolClient, error: Error): void {
  if (!endings.has(client)) endings.set(client, error)
}

/**
 * A connection in the hands of one caller. Every statement is a span below the caller's, ends for the caller
 * at its deadline, and is mapped to a `Fault` when the database or the network failed.
 */
export class Session {
  readonly #client: PoolClient
  readonly #context: Context | undefined
  readonly #statements: Statements
  readonly #server: string
  readonly #leftBehind: () => void
  #running: Promise<unknown> | undefined
  #lost = false
  #stale = false
  #inTransaction = false
  #closed = false

  /** `leftBehind` is called when it is given up while a statement is under way. */
  constructor(client: PoolClient, context: Context | undefined, statements: Statements, server: string, leftBehind: () => void) {
    this.#client = client
    this.#context = context
    this.#statements = statements
    this.#server = server
    this.#leftBehind = leftBehind
  }

  /** One statement with parameters. Its errors are those of `faultOf`. */
  async query(text: string, values: readonly unknown[]): Promise<QueryResult<Row>> {
    this.checkOpen()
    if (values.length > mostValues) throw tooManyValues(values.length)
    const statement = this.#statements.describe(text)
    const query = { text, values: values.map(parameterOf) }
    const named = statement.prepared === undefined ? query : { ...query, name: statement.prepared }
    return this.#traced(statement, () => this.#send(named).catch((error: unknown) => this.#replanned(error, named, statement)))
  }

  /**
   * The bounds of a transaction: several statements in one round trip. Values stand in the text, quoted; `shown` is what the span shows in its place.
   * Its errors are pg's own, for the transaction to judge.
   */
  async script(text: string, shown: string): Promise<readonly QueryResult<Row>[]> {
    if (this.#running)
      await untilAborted(
        this.#running.catch(() => undefined),
        this.#context?.signal,
      )
    this.#inTransaction = true
    const results = await this.#traced(this.#statements.describe(shown), () => this.#send({ text }), false)
    // pg gives an array for more than one statement, which its types do not say.
    return ([] as QueryResult<Row>[]).concat(results)
  }

  /** The value as it can stand in a script. */
  literal(value: string): string {
    return this.#client.escapeLiteral(withoutZero(value))
  }

  /** Ends single statements that run longer than the context allows; for what is not in a transaction. */
  async limitStatements(): Promise<void> {
    const present = statementLimits.get(this.#client)
    const remainingMs = (this.#context?.deadlineAt ?? Number.POSITIVE_INFINITY) - Date.now()
    const wanted = newLimitMs(present, this.#context ? remainingMs : usualLimitMs)
    if (wanted === undefined) return
    const text = `set statement_timeout = ${wanted}`
    // Remembered when it has come to it, whether its caller still waits or not: the connection's next user relies on it.
    await this.#traced(this.#statements.describe(text), () => this.#send({ text }).then(() => statementLimits.set(this.#client, wanted)))
  }

  /** Whether whoever is at the other end has numbers of its own for connections, as a pooler has. */
  async isPooled(): Promise<boolean> {
    const { rows } = await this.query("select pg_backend_pid() as pid", [])
    return "processID" in this.#client && this.#client.processID !== rows[0]?.["pid"]
  }

  /** Whether the server can limit a transaction as a whole; `undefined` until it has been found out. */
  get limitsTransactions(): boolean | undefined {
    return transactionLimits.get(this.#client)
  }

  set limitsTransactions(limits: boolean) {
    transactionLimits.set(this.#client, limits)
  }

  /** Nobody has had the connection before: it was made just now. */
  get isNew(): boolean {
    return !used.has(this.#client)
  }

  /** The connection went away under a statement, or may have. */
  get lost(): boolean {
    return this.#lost
  }

  get isOpen(): boolean {
    return !this.#closed
  }

  /** Throws when it is closed. */
  checkOpen(): void {
    if (this.#closed)
      throw new Fault("INTERNAL", "A statement came after its transaction or read had ended; await every statement within it.")
  }

  /** From here on `query` is refused; what runs may end. */
  close(): void {
    this.#closed = true
  }

  /**
   * Rolls back if asked to, and gives the connection back. When its last statement still runs after a moment,
   * the connection is dropped instead: the server then rolls back by itself. So is one that is given up.
   */
  async release({ rollBack = false, giveUp = false }: { readonly rollBack?: boolean; readonly giveUp?: boolean } = {}): Promise<void> {
    this.#closed = true
    if (this.#running && !(await endsWithin(this.#running, patienceMs))) {
      this.#lost = true
      this.#leftBehind()
    }
    if (rollBack && !this.#lost) await this.#rollBack()
    used.add(this.#client)
    this.#client.release(this.#lost || this.#stale || giveUp)
  }

  // A migration has changed a table under a prepared statement: this connection has served its time, and others have prepared it, too.
  async #replanned(error: unknown, { name, ...query }: QueryConfig, statement: Statement): Promise<QueryResult<Row>> {
    if (!isStalePlan(error)) throw error
    if (statement.prepared === name) this.#statements.prepareAnew()
    this.#stale = true
    if (this.#inTransaction) throw error
    return this.#send(query)
  }

  async #rollBack(): Promise<void> {
    const statement = this.#statements.describe("rollback")
    const span = this.#context?.startSpan(statement.name, "client", statement.attributes)
    const rollingBack = this.#client.query("rollback").catch(() => (this.#lost = true))
    if (!(await endsWithin(rollingBack, patienceMs))) this.#lost = true
    span?.end()
  }

  async #traced<T>(statement: Statement, send: () => Promise<T>, mapped = true): Promise<T> {
    const signal = this.#context?.signal
    if (signal?.aborted) throw abortFault(signal)
    const span = this.#context?.startSpan(statement.name, "client", statement.attributes)
    try {
      const result = await (signal ? untilAborted(send(), signal) : this.#answered(send()))
      span?.end()
      return result
    } catch (thrown) {
      if (isConnectionLoss(thrown) || isReadOnly(thrown)) this.#lost = true
      const error = isConnectionLoss(thrown) ? (endings.get(this.#client) ?? thrown) : thrown
      if (isDatabaseError(error)) tellCode(span, error.code)
      span?.end(error)
      throw mapped ? faultOf(error, this.#server) : error
    }
  }

  // The database ends a statement that is too slow. When it does not even say so, the line to it is dead, and nobody else would notice.
  async #answered<T>(work: Promise<T>): Promise<T> {
    if (await endsWithin(work, longestSilenceMs)) return work
    this.#lost = true
    throw new Fault("UNAVAILABLE", `PostgreSQL at ${this.#server} did not answer within ${longestSilenceMs} ms.`, { retryAfterMs: 500 })
  }

  #send(config: QueryConfig): Promise<QueryResult<Row>> {
    const running = this.#client.query<Row>(config).finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }
}

// PostgreSQL's errors have one class, and their code is what they are.
function tellCode(span: Span | undefined, code: string): void {
  for (const name of ["db.response.status_code", "error.type"]) span?.setAttribute(name, code)
}

function tooManyValues(count: number): Fault {
  return new Fault("INTERNAL", `A statement has ${count} values; PostgreSQL takes ${mostValues} at most.`, {
    hint: "Send it in portions, or the values as one list: `= any(...)`, `unnest(...)`.",
  })
}

async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const ended = work.then(
    () => true,
    () => true,
  )
  return Promise.race([ended, late]).finally(() => clearTimeout(timer))
}
