create table payment (
  "orderId" text primary key,
  "customerId" text not null,
  "amountCents" bigint not null check ("amountCents" >= 0),
  method text not null,
  state text not null check (state in ('NEW', 'PENDING', 'AUTHORISED', 'CAPTURED', 'REFUNDED', 'DECLINED', 'CANCELLED')),
  "declineReason" text,
  attempt integer not null,
  "updatedAt" timestamptz not null
);
