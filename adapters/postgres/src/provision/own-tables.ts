import type { Migration } from "./migration.ts"

/** The tables that the adapter keeps in each module's schema. They change like a module's own: by a further migration. */
export const ownMigrations: readonly Migration[] = [
  {
    name: "hanok_0001_journal_and_outbox",
    text: `
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

      create table hanok_outbox (
        id bigint generated always as identity primary key,
        subscriber text not null,
        ordering_key text,
        envelope json not null,
        attempts integer not null default 0,
        due_at timestamptz not null default '-infinity',
        leased_until timestamptz not null default '-infinity',
        parked_at timestamptz,
        error text
      ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

      create index hanok_outbox_order on hanok_outbox (subscriber, ordering_key, id)
        where ordering_key is not null and parked_at is null;
    `,
  },
]
