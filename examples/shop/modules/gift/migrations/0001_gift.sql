create table gift (
  "giftId" text primary key,
  "orderId" text not null,
  "senderId" text not null,
  link text not null unique,
  "recipientName" text not null,
  "recipientPhone" text not null,
  message text not null,
  "itemNames" text[] not null,
  state text not null check (state in ('OFFERED', 'CLAIMED', 'EXPIRED', 'CANCELLED')),
  address jsonb,
  "expiresAt" timestamptz not null,
  "claimedAt" timestamptz
);

create index "giftOfOrder" on gift ("orderId");
create index "giftOffered" on gift ("expiresAt") where state = 'OFFERED';
