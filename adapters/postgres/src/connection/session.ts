import { Fault } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import type { PoolClient, QueryConfig, QueryResult } from "pg"
import { faultOf, isConnectionLoss, isDatabaseError, isStalePlan } from "./database-error.ts"
import type { Describe, Statement } from "./statement.ts"
import { initialLimitMs, newLimitMs } from "./statement-limit.ts"
import { abortFault, untilAborted } from "./until-aborted.ts"

type Row = Readonly<Record<string, unknown>>

const limits = new WeakMap<PoolClient, number>()
/** How long a statement whose caller has left may still run before its connection is given up. */
const patienceMs = 1_000

/**
 * A connection in the hands of one caller. Every statement is a span below the caller's, ends for the caller
 * at its deadline, and is mapped to a `Fault` when the database or the network failed.
 */
export class Session {
  readonly #client: PoolClient
  readonly #context: Context | undefined
  readonly #describe: Describe
  readonly #server: string
  #running: Promise<unknown> | undefined
  #lost = false
  #stale = false
  #inTransaction = false
  #closed = false

  constructor(client: PoolClient, context: Context | undefined, describe: Describe, server: string) {
    this.#client = client
    this.#context = context
    this.#describe = describe
    this.#server = server
  }

  /** One statement with parameters. Its errors are those of `faultOf`. */
  async query(text: string, values: readonly unknown[]): Promise<QueryResult<Row>> {
    if (this.#closed) throw tooLate()
    const statement = this.#describe(text)
    const query = { text, values: [...values] }
    const named = statement.prepared === undefined ? query : { ...query, name: statement.prepared }
    return this.#traced(statement, () => this.#send(named).catch((error: unknown) => this.#replanned(error, query)))
  }

  /**
   * The bounds of a transaction: several statements in one round trip. Values stand in the text, quoted; `shown` is what the span shows in its place.
   * Its errors are pg's own, for the transaction to judge.
   */
  async script(text: string, shown: string): Promise<readonly QueryResult<Row>[]> {
    await this.#running?.catch(() => undefined)
    this.#inTransaction = true
    const results = await this.#traced(this.#describe(shown), () => this.#send({ text }), false)
    // pg gives an array for more than one statement, which its types do not say.
    return ([] as QueryResult<Row>[]).concat(results)
  }

  /** The value as it can stand in a script. A zero byte, which PostgreSQL's texts cannot hold, becomes its picture. */
  literal(value: string): string {
    return this.#client.escapeLiteral(value.replaceAll("\0", "\u2400"))
  }

  /** Ends single statements that run longer than the context allows; for what is not in a transaction. */
  async limitStatements(): Promise<void> {
    const present = limits.get(this.#client) ?? initialLimitMs
    const remainingMs = (this.#context?.deadlineAt ?? Number.POSITIVE_INFINITY) - Date.now()
    const wanted = newLimitMs(present, this.#context ? remainingMs : initialLimitMs)
    if (wanted === undefined) return
    await this.query(`set statement_timeout = ${wanted}`, [])
    limits.set(this.#client, wanted)
  }

  /** The connection went away under a statement, or may have. */
  get lost(): boolean {
    return this.#lost
  }

  /** From here on `query` is refused; what runs may end. */
  close(): void {
    this.#closed = true
  }

  /**
   * Rolls back if asked to, and gives the connection back. When its last statement still runs after a moment,
   * the connection is dropped instead: the server then rolls back by itself.
   */
  async release(options: { readonly rollBack: boolean } = { rollBack: false }): Promise<void> {
    this.#closed = true
    if (this.#running && !(await endsWithin(this.#running, patienceMs))) this.#lost = true
    if (options.rollBack && !this.#lost) await this.#rollBack()
    this.#client.release(this.#lost || this.#stale)
  }

  // A migration has changed a table under a prepared statement: this connection has served its time.
  async #replanned(error: unknown, query: QueryConfig): Promise<QueryResult<Row>> {
    if (!isStalePlan(error)) throw error
    this.#stale = true
    if (this.#inTransaction) throw error
    return this.#send(query)
  }

  async #rollBack(): Promise<void> {
    const statement = this.#describe("rollback")
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
      const result = await untilAborted(send(), signal)
      span?.end()
      return result
    } catch (error) {
      if (isConnectionLoss(error)) this.#lost = true
      if (isDatabaseError(error)) span?.setAttribute("db.response.status_code", error.code)
      span?.end(error)
      throw mapped ? faultOf(error, this.#server) : error
    }
  }

  #send(config: QueryConfig): Promise<QueryResult<Row>> {
    const running = this.#client.query<Row>(config).finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }
}

function tooLate(): Fault {
  return new Fault("INTERNAL", "A statement came after its transaction or read had ended; await every statement within it.")
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
