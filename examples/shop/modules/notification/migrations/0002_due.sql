alter table message add column "dueAt" timestamptz;
update message set "dueAt" = "createdAt";
alter table message alter column "dueAt" set not null;

drop index "messageQueued";
create index "messageQueued" on message ("dueAt") where state = 'QUEUED';
