import { DefaultQueryExecutor, DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely"
import type { CompiledQuery, ConnectionProvider, DatabaseConnection, Dialect, QueryResult } from "kysely"
import type { Session } from "../connection/session.ts"

class OuterDriver extends DummyDriver {
  override async beginTransaction(): Promise<void> {
    throw new Error("Transactions begin with store.transaction(context, work), so that their events and steps are kept with them.")
  }
}

const adapter = new PostgresAdapter()
const compiler = new PostgresQueryCompiler()
const driver = new OuterDriver()
const dialect: Dialect = {
  createAdapter: () => adapter,
  createDriver: () => driver,
  createQueryCompiler: () => compiler,
  createIntrospector: (db) => new PostgresIntrospector(db),
}
const config = { dialect }

/**
 * Kysely whose statements go over the given connections. It is made for each read and each transaction, since the connection
 * knows the caller's context; it is three small objects.
 */
export function boundDatabase<Tables>(connections: ConnectionProvider): Kysely<Tables> {
  return new Kysely<Tables>({ config, dialect, driver, executor: new DefaultQueryExecutor(compiler, adapter, connections) })
}

/** A session as Kysely uses it. */
export function connectionOf(session: Session): DatabaseConnection {
  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const { command, rowCount, rows } = await session.query(sql, parameters)
      const changes = ["INSERT", "UPDATE", "DELETE", "MERGE"].includes(command)
      // The rows' type is what Kysely has inferred from the statement.
      return { rows: rows as unknown as R[], ...(changes ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}) }
    },
    // oxlint-disable-next-line require-yield
    async *streamQuery() {
      throw new Error("Streams are not supported; read in pages instead: order by the id, where it is larger than the last one.")
    },
  }
}
