/**
 * The outbox: a row for each event and subscriber. `blocked` says that an earlier row of the same subscriber and ordering key
 * waits to be delivered, so that what may be delivered is found in one small index, however much waits behind it.
 *
 * Whoever adds or removes rows of a key holds the key's lock until commit. So rows of a key get their numbers in the order of
 * commits, and nobody overlooks a row that another is about to add or remove. Each statement within these functions sees what
 * was committed before it began (read committed). Locks are taken in one order by all, so that nobody waits in a circle.
 */
export const outboxTable = `
create table hanok_outbox (
  id bigint generated always as identity primary key,
  subscriber text not null,
  ordering_key text,
  envelope json not null,
  blocked boolean not null,
  attempts integer not null default 0,
  due_at timestamptz not null default clock_timestamp(),
  parked_at timestamptz,
  error text
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

create index hanok_outbox_due on hanok_outbox (due_at, id) where parked_at is null and not blocked;
create index hanok_outbox_order on hanok_outbox (subscriber, ordering_key, id) where ordering_key is not null and parked_at is null;
create index hanok_outbox_parked on hanok_outbox (parked_at) where parked_at is not null;

create function hanok_outbox_lock(keys text[]) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(sorted.lock) from (
    select distinct hashtextextended(current_schema() || ' ' || key, 0) as lock from unnest(keys) as key where key is not null order by lock
  ) as sorted;
end $$;

create function hanok_outbox_append(subscribers text[], keys text[], envelopes text[]) returns void language plpgsql as $$
begin
  perform hanok_outbox_lock(keys);
  for i in 1 .. cardinality(subscribers) loop
    insert into hanok_outbox (subscriber, ordering_key, envelope, blocked)
    values (subscribers[i], keys[i], envelopes[i]::json, keys[i] is not null and exists (
      select from hanok_outbox as earlier
      where earlier.subscriber = subscribers[i] and earlier.ordering_key = keys[i] and earlier.parked_at is null));
  end loop;
end $$;

create function hanok_outbox_unblock(its_subscriber text, its_key text) returns void language sql as $$
  update hanok_outbox set blocked = false where blocked and id = (
    select id from hanok_outbox where subscriber = its_subscriber and ordering_key = its_key and parked_at is null order by id limit 1);
$$;

create function hanok_outbox_delivered(ids bigint[]) returns void language plpgsql as $$
declare gone record;
begin
  perform set_config('synchronous_commit', 'off', true);
  perform hanok_outbox_lock(array(select ordering_key from hanok_outbox where id = any(ids)));
  for gone in delete from hanok_outbox where id = any(ids) returning subscriber, ordering_key loop
    if gone.ordering_key is not null then
      perform hanok_outbox_unblock(gone.subscriber, gone.ordering_key);
    end if;
  end loop;
end $$;

create function hanok_outbox_park(its_id bigint, reason text) returns void language plpgsql as $$
declare parked record;
begin
  perform hanok_outbox_lock(array(select ordering_key from hanok_outbox where id = its_id));
  update hanok_outbox set attempts = attempts + 1, parked_at = clock_timestamp(), error = reason
    where id = its_id and parked_at is null returning subscriber, ordering_key into parked;
  if parked.ordering_key is not null then
    perform hanok_outbox_unblock(parked.subscriber, parked.ordering_key);
  end if;
end $$;

create function hanok_outbox_replay(its_id bigint) returns boolean language plpgsql as $$
declare replayed record;
begin
  perform hanok_outbox_lock(array(select ordering_key from hanok_outbox where id = its_id));
  update hanok_outbox set attempts = 0, due_at = clock_timestamp(), parked_at = null, error = null, blocked = false
    where id = its_id and parked_at is not null returning subscriber, ordering_key into replayed;
  if not found then
    return false;
  end if;
  if replayed.ordering_key is not null then
    update hanok_outbox set blocked = true
      where subscriber = replayed.subscriber and ordering_key = replayed.ordering_key and parked_at is null and not blocked;
    perform hanok_outbox_unblock(replayed.subscriber, replayed.ordering_key);
  end if;
  return true;
end $$;
`

/** What is delivered says whether something was unblocked by it: the relay need not look when nothing was. */
export const outboxTellsWhatIsUnblocked = `
drop function hanok_outbox_unblock(text, text);
create function hanok_outbox_unblock(its_subscriber text, its_key text) returns boolean language plpgsql as $$
begin
  update hanok_outbox set blocked = false where blocked and id = (
    select id from hanok_outbox where subscriber = its_subscriber and ordering_key = its_key and parked_at is null order by id limit 1);
  return found;
end $$;

drop function hanok_outbox_delivered(bigint[]);
create function hanok_outbox_delivered(ids bigint[]) returns boolean language plpgsql as $$
declare
  gone record;
  unblocked boolean := false;
begin
  perform set_config('synchronous_commit', 'off', true);
  perform hanok_outbox_lock(array(select ordering_key from hanok_outbox where id = any(ids)));
  for gone in delete from hanok_outbox where id = any(ids) returning subscriber, ordering_key loop
    if gone.ordering_key is not null and hanok_outbox_unblock(gone.subscriber, gone.ordering_key) then
      unblocked := true;
    end if;
  end loop;
  return unblocked;
end $$;
`

/**
 * What is due is looked for event by event and subscriber by subscriber, each in its part of one index; those go first that have been
 * due for the longest. So what a relay leaves alone for a while, because its subscriber is away, costs nobody anything, however much
 * it is. The plans are made as if the table were large: one that is made for a small table would read all of it when it has grown.
 * Rows of before have no event, and those of a replica that still runs the code of before.
 */
export const outboxLeasesByReaction = `
alter table hanok_outbox add column event text not null default '';
create index hanok_outbox_reaction on hanok_outbox (subscriber, event, due_at, id) where parked_at is null and not blocked;
drop index hanok_outbox_due;

create function hanok_outbox_append(subscribers text[], keys text[], events text[], envelopes text[]) returns void language plpgsql as $$
begin
  perform hanok_outbox_lock(keys);
  for i in 1 .. cardinality(subscribers) loop
    insert into hanok_outbox (subscriber, ordering_key, event, envelope, blocked)
    values (subscribers[i], keys[i], events[i], envelopes[i]::json, keys[i] is not null and exists (
      select from hanok_outbox as earlier
      where earlier.subscriber = subscribers[i] and earlier.ordering_key = keys[i] and earlier.parked_at is null));
  end loop;
end $$;

create function hanok_outbox_lease(most integer, lease_ms double precision, except_subscribers text[],
  limited_subscribers text[], limited_events text[], limits integer[])
returns table (id bigint, subscriber text, envelope json, attempts integer) language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set plan_cache_mode = force_generic_plan as $$
declare
  reaction record;
  subscribers text[] := '{}';
  events text[] := '{}';
  heads timestamptz[] := '{}';
  its_subscriber text := '';
  its_event text := '';
  its_head timestamptz;
  its_limit integer;
  due bigint[] := '{}';
begin
  perform set_config('synchronous_commit', 'off', true);
  loop
    select waiting.subscriber, waiting.event, waiting.due_at into its_subscriber, its_event, its_head from hanok_outbox as waiting
      where waiting.parked_at is null and not waiting.blocked and (waiting.subscriber, waiting.event) > (its_subscriber, its_event)
      order by waiting.subscriber, waiting.event, waiting.due_at, waiting.id limit 1;
    exit when not found;
    continue when its_head > statement_timestamp() or its_subscriber = any(except_subscribers);
    subscribers := subscribers || its_subscriber;
    events := events || its_event;
    heads := heads || its_head;
  end loop;
  for reaction in select * from unnest(subscribers, events, heads) as each (subscriber, event, head) order by each.head loop
    its_limit := most - cardinality(due);
    exit when its_limit = 0;
    for i in 1 .. cardinality(limits) loop
      if limited_subscribers[i] = reaction.subscriber and limited_events[i] = reaction.event then
        its_limit := least(its_limit, limits[i]);
      end if;
    end loop;
    continue when its_limit <= 0;
    due := due || array(select waiting.id from hanok_outbox as waiting
      where waiting.parked_at is null and not waiting.blocked and waiting.subscriber = reaction.subscriber
        and waiting.event = reaction.event and waiting.due_at <= statement_timestamp()
      order by waiting.due_at, waiting.id limit its_limit for update skip locked);
  end loop;
  return query update hanok_outbox as leased set due_at = clock_timestamp() + lease_ms * interval '1 millisecond'
    where leased.id = any(due) returning leased.id, leased.subscriber, leased.envelope, leased.attempts;
end $$;
`

/**
 * A server has room for some thousand locks, of all its databases together. Whoever adds rows of very many keys locks the table in their
 * place, against all who add or remove rows: a statement that has waited for that sees what was committed meanwhile.
 */
export const outboxLocksAsAWhole = `
create or replace function hanok_outbox_lock(keys text[]) returns void language plpgsql as $$
begin
  if cardinality(keys) > 1000 and (select count(distinct key) from unnest(keys) as key) > 1000 then
    lock table hanok_outbox in share row exclusive mode;
    return;
  end if;
  perform pg_advisory_xact_lock(sorted.lock) from (
    select distinct hashtextextended(current_schema() || ' ' || key, 0) as lock from unnest(keys) as key where key is not null order by lock
  ) as sorted;
end $$;
`

/**
 * Many parked rows at once. Those of a key wait behind the first of them, and so does the one that was first until then: which that is
 * is looked up for each key, and not for each row.
 */
export const outboxReplaysMany = `
create function hanok_outbox_replay_many(ids bigint[]) returns integer language plpgsql
set enable_seqscan = off as $$
declare
  its record;
  replayed integer;
begin
  perform hanok_outbox_lock(array(select ordering_key from hanok_outbox where id = any(ids)));
  for its in select distinct subscriber, ordering_key from hanok_outbox
    where id = any(ids) and parked_at is not null and ordering_key is not null loop
    update hanok_outbox set blocked = true where id = (
      select id from hanok_outbox where subscriber = its.subscriber and ordering_key = its.ordering_key and parked_at is null order by id limit 1);
  end loop;
  update hanok_outbox set attempts = 0, due_at = clock_timestamp(), parked_at = null, error = null, blocked = ordering_key is not null
    where id = any(ids) and parked_at is not null;
  get diagnostics replayed = row_count;
  for its in select distinct subscriber, ordering_key from hanok_outbox where id = any(ids) and ordering_key is not null loop
    perform hanok_outbox_unblock(its.subscriber, its.ordering_key);
  end loop;
  return replayed;
end $$;
`
