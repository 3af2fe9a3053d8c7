import type { ColumnType } from "@hanok/postgres"

/** A `timestamptz`: written as ISO 8601 text, read as a `Date`. */
export type Timestamp = ColumnType<Date, string, string>

/** The same, where it may be missing. */
export type OptionalTimestamp = ColumnType<Date | null, string | null, string | null>
