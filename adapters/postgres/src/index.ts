export { sql } from "kysely"
export type { ColumnType, Generated, Insertable, JSONColumnType, Kysely, Selectable, Updateable } from "kysely"
export { postgres } from "./postgres.ts"
export type { PostgresOptions } from "./postgres.ts"
