import type { Migration } from "./migration.ts"
import { outboxTable, outboxTellsWhatIsUnblocked } from "./outbox-table.ts"

const journalTable = `
create table hanok_journal (
  key text primary key,
  fingerprint text not null,
  leased_until timestamptz not null,
  outcome json,
  ended_at timestamptz
) with (fillfactor = 70);

create table hanok_step (
  key text not null,
  step integer not null,
  result json,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (key, step)
);
`

/** The tables that the adapter keeps in each module's schema. They change like a module's own: by a further migration. */
export const ownMigrations: readonly Migration[] = [
  { name: "hanok_0001_journal_and_outbox", text: journalTable + outboxTable },
  { name: "hanok_0002_outbox_tells_what_is_unblocked", text: outboxTellsWhatIsUnblocked },
]
