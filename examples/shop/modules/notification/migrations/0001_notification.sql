create table message (
  "messageId" text primary key,
  "customerId" text not null,
  occasion text not null unique,
  channel text not null check (channel in ('mail', 'text')),
  recipient text not null,
  subject text not null,
  body text not null,
  state text not null check (state in ('QUEUED', 'SENT')),
  "createdAt" timestamptz not null,
  "sentAt" timestamptz
);

create index "messageOfCustomer" on message ("customerId", "createdAt" desc, "messageId" desc);
create index "messageQueued" on message ("createdAt") where state = 'QUEUED';
