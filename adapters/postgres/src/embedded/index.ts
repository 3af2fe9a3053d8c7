export { createEmbeddedPostgres } from "./embedded-postgres.ts"
export { runningPostgresUrl } from "./running-postgres.ts"
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from "./embedded-postgres.ts"
