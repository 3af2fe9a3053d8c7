/**
 * A row is `leased` until it is told how its try went. One whose lease is over and of which nothing was told was abandoned: such rows are
 * given out one at a time, since what brought a process down was under way beside others. They are few, and have an index of their own.
 * Replicas that still run the code of before lease as before.
 */
export const outboxTellsAbandoned = `
alter table hanok_outbox add column leased boolean not null default false;
create index hanok_outbox_leased on hanok_outbox (due_at, id) where leased and parked_at is null;

create function hanok_outbox_lease(most integer, lease_ms double precision, except_subscribers text[],
  limited_subscribers text[], limited_events text[], limits integer[], with_abandoned boolean)
returns table (id bigint, subscriber text, envelope json, attempts integer, abandoned boolean) language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set plan_cache_mode = force_generic_plan set jit = off as $$
declare
  reaction record;
  subscribers text[] := '{}';
  events text[] := '{}';
  heads timestamptz[] := '{}';
  its_subscriber text := '';
  its_event text := '';
  its_head timestamptz;
  its_limit integer;
  suspect record;
  due bigint[] := '{}';
begin
  perform set_config('synchronous_commit', 'off', true);
  select null::bigint as id, '' as subscriber, '' as event into suspect;
  if with_abandoned and most > 0 then
    select waiting.id, waiting.subscriber, waiting.event into suspect from hanok_outbox as waiting
      where waiting.leased and waiting.parked_at is null and not waiting.blocked and waiting.due_at <= statement_timestamp()
        and waiting.subscriber <> all(except_subscribers)
        and not exists (select from unnest(limited_subscribers, limited_events, limits) as each (subscriber, event, its_limit)
          where each.subscriber = waiting.subscriber and each.event = waiting.event and each.its_limit <= 0)
      order by waiting.due_at, waiting.id limit 1 for update skip locked;
    if found then
      due := array[suspect.id];
    end if;
  end if;
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
        its_limit := least(its_limit, limits[i] - (reaction.subscriber is not distinct from suspect.subscriber and reaction.event is not distinct from suspect.event)::integer);
      end if;
    end loop;
    continue when its_limit <= 0;
    due := due || array(select waiting.id from hanok_outbox as waiting
      where waiting.parked_at is null and not waiting.blocked and not waiting.leased and waiting.subscriber = reaction.subscriber
        and waiting.event = reaction.event and waiting.due_at <= statement_timestamp()
      order by waiting.due_at, waiting.id limit its_limit for update skip locked);
  end loop;
  return query update hanok_outbox as given set leased = true, due_at = clock_timestamp() + lease_ms * interval '1 millisecond'
    where given.id = any(due) returning given.id, given.subscriber, given.envelope, given.attempts, given.id is not distinct from suspect.id;
end $$;

create function hanok_outbox_begin_again(its_id bigint, lease_ms double precision) returns void language plpgsql
set enable_seqscan = off as $$
begin
  update hanok_outbox set attempts = attempts + 1, due_at = clock_timestamp() + lease_ms * interval '1 millisecond'
    where id = its_id and parked_at is null;
end $$;

create or replace function hanok_outbox_retry(its_id bigint, retry_ms double precision, tries integer) returns void language plpgsql
set enable_seqscan = off as $$
begin
  update hanok_outbox set leased = false, attempts = attempts + tries, due_at = clock_timestamp() + retry_ms * interval '1 millisecond'
    where id = its_id and parked_at is null;
end $$;

create or replace function hanok_outbox_park(its_id bigint, reason text) returns void language plpgsql
set enable_seqscan = off as $$
declare parked record;
begin
  perform hanok_outbox_lock(array(select ordering_key from hanok_outbox where id = its_id));
  update hanok_outbox set leased = false, attempts = attempts + 1, parked_at = clock_timestamp(), error = reason
    where id = its_id and parked_at is null returning subscriber, ordering_key into parked;
  if parked.ordering_key is not null then
    perform hanok_outbox_unblock(parked.subscriber, parked.ordering_key);
  end if;
end $$;
`
