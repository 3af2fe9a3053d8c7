/**
 * A connection keeps the plans that it has made. One that is made while a table is small reads all of it, and goes on to do so when the
 * table grows, until PostgreSQL has looked at it again a minute later: in a surge each command, and each event, would read all that
 * wait. So what is looked for by a key is found by its index, whatever the table's size when the plan is made.
 */
export const plansByIndex = `
alter function hanok_outbox_append(text[], text[], text[]) set enable_seqscan = off;
alter function hanok_outbox_append(text[], text[], text[], text[]) set enable_seqscan = off;
alter function hanok_outbox_delivered(bigint[]) set enable_seqscan = off;
alter function hanok_outbox_park(bigint, text) set enable_seqscan = off;
alter function hanok_outbox_replay(bigint) set enable_seqscan = off;
alter function hanok_journal_finish(text[], text[]) set enable_seqscan = off;

create function hanok_outbox_retry(its_id bigint, retry_ms double precision, tries integer) returns void language plpgsql
set enable_seqscan = off as $$
begin
  update hanok_outbox set attempts = attempts + tries, due_at = clock_timestamp() + retry_ms * interval '1 millisecond'
    where id = its_id and parked_at is null;
end $$;

create function hanok_journal_look(its_key text) returns setof hanok_journal language plpgsql
set enable_seqscan = off as $$
begin
  return query select * from hanok_journal where key = its_key;
end $$;

create function hanok_journal_abandon(its_key text) returns void language plpgsql
set enable_seqscan = off as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  update hanok_journal set leased_until = clock_timestamp() where key = its_key and outcome is null;
end $$;
`

/**
 * A sort that a look at the outbox is to avoid, and cannot where it puts reactions in order, counts as costly before PostgreSQL 18, and so
 * do in any version the many rows that may be due. The server compiled such a plan anew for each look, which takes it fifty milliseconds.
 */
export const looksUncompiled = `
alter function hanok_outbox_lease(integer, double precision, text[], text[], text[], integer[]) set jit = off;
`
