import { looksUncompiled, plansByIndex } from "./index-plans.ts"
import type { Migration } from "./migration.ts"
import { outboxTellsAbandoned } from "./outbox-abandoned.ts"
import { outboxLeasesByReaction, outboxLocksAsAWhole, outboxReplaysMany, outboxTable, outboxTellsWhatIsUnblocked } from "./outbox-table.ts"

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

/** Row by row within the server, so that each is found by its key, however large the journal. The first answer stays: a run that was overtaken has nothing to add. */
const journalFinishesMany = `
create function hanok_journal_finish(keys text[], outcomes text[]) returns void language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  for i in 1 .. cardinality(keys) loop
    update hanok_journal set outcome = outcomes[i]::json, ended_at = clock_timestamp() where key = keys[i] and outcome is null;
  end loop;
end $$;
`

/** The tables that the adapter keeps in each module's schema. They change like a module's own: by a further migration. */
export const ownMigrations: readonly Migration[] = [
  { name: "hanok_0001_journal_and_outbox", text: journalTable + outboxTable },
  { name: "hanok_0002_outbox_tells_what_is_unblocked", text: outboxTellsWhatIsUnblocked },
  { name: "hanok_0003_journal_finishes_many", text: journalFinishesMany },
  { name: "hanok_0004_outbox_leases_by_reaction", text: outboxLeasesByReaction },
  { name: "hanok_0005_plans_by_index", text: plansByIndex },
  { name: "hanok_0006_looks_uncompiled", text: looksUncompiled },
  { name: "hanok_0007_outbox_locks_as_a_whole", text: outboxLocksAsAWhole },
  { name: "hanok_0008_outbox_replays_many", text: outboxReplaysMany },
  { name: "hanok_0009_outbox_tells_abandoned", text: outboxTellsAbandoned },
]
