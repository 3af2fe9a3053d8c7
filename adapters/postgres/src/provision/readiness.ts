import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "@hanok/contract"
import type { Context, Logger } from "@hanok/contract"
import type { Connections } from "../connection/connections.ts"
import { faultOf, isNotLetIn, takesNoChanges } from "../connection/database-error.ts"
import type { Settings } from "../connection/settings.ts"
import { abortFault, untilAborted } from "../connection/until-aborted.ts"
import { allPending, appliedMigrations } from "./migrate.ts"
import { readMigrations } from "./migration.ts"
import type { Migration } from "./migration.ts"
import { tellOfPooler } from "./pooler-mode.ts"
import { cannotLogIn, provision } from "./provision.ts"

const pauseMs = 50
/** How long work that came before the database was ready waits when its deadline allows more. */
const longestWaitMs = 5_000

/** Sees to it, once, that the module's role, schema and tables are there, in a server that takes changes. */
export class Readiness {
  readonly #settings: Settings
  readonly #connections: Connections
  readonly #folder: URL
  readonly #log: Logger
  #ready = false
  #preparing: Promise<void> | undefined

  constructor(settings: Settings, connections: Connections, folder: URL, log: Logger) {
    this.#settings = settings
    this.#connections = connections
    this.#folder = folder
    this.#log = log
  }

  get ready(): boolean {
    return this.#ready
  }

  /** One try, shared by all who ask meanwhile. Rejects with what is wrong. */
  prepare(): Promise<void> {
    this.#preparing ??= this.#prepare().finally(() => (this.#preparing = undefined))
    return this.#preparing
  }

  /** The login was refused: role or password have changed, and are looked after anew. */
  reset(): void {
    this.#ready = false
  }

  /** Waits until it is ready; rejects with `UNAVAILABLE`, or at the context's deadline. */
  async wait(context: Context | undefined): Promise<void> {
    const until = Date.now() + longestWaitMs
    while (!this.#ready) {
      if (context?.signal.aborted) throw abortFault(context.signal)
      const trouble = await untilAborted(this.prepare(), context?.signal).catch((error: unknown) => error)
      if (this.#ready) return
      if (Date.now() + pauseMs >= Math.min(until, context?.deadlineAt ?? until)) throw this.#notReady(trouble)
      await sleep(pauseMs, undefined, { ref: false })
    }
  }

  async #prepare(): Promise<void> {
    if (this.#ready) return
    const migrations = await readMigrations(this.#folder)
    try {
      if ((await this.#missing(migrations)) !== undefined) {
        await provision(this.#settings, migrations, this.#log)
        const missing = await this.#missing(migrations)
        if (missing !== undefined) throw cannotLogIn(this.#settings, missing)
      }
      this.#ready = true
    } catch (error) {
      throw faultOf(error, this.#settings.server)
    }
  }

  // Most starts find everything in place: then the owner's connection is not needed.
  async #missing(migrations: readonly Migration[]): Promise<string | undefined> {
    const session = await this.#connections.acquire(undefined).catch((error: unknown) => {
      if (error instanceof Error && isNotLetIn(error.cause)) return error.cause.message
      throw error
    })
    if (typeof session === "string") return session
    let isCurrent = false
    try {
      await session.limitStatements()
      const { rows } = await session.query("select current_setting('transaction_read_only') as answer", [])
      if (rows[0]?.["answer"] === "on") throw takesNoChanges(this.#settings.server, "its transactions are read-only")
      const applied = await appliedMigrations((text) => session.query(text, []))
      isCurrent = applied !== undefined && allPending(this.#settings.module, migrations, applied).length === 0
      if (isCurrent && (await session.isPooled())) void tellOfPooler(this.#settings, this.#log)
      return isCurrent ? undefined : "it finds no tables by its search path"
    } finally {
      // One of before would not have the settings that its role is given then.
      void session.release({ giveUp: !isCurrent })
    }
  }

  #notReady(trouble: unknown): Fault {
    const message = trouble instanceof Error ? trouble.message : String(trouble)
    return new Fault("UNAVAILABLE", `The data of the module ${this.#settings.module} is not ready: ${message}`, {
      cause: trouble,
      retryAfterMs: 1_000,
    })
  }
}
