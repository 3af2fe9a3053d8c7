create table "order" (
  "orderId" text primary key,
  "customerId" text not null,
  state text not null check (state in ('PLACING', 'INIT', 'PAID', 'PREPARING', 'SHIPPED', 'DELIVERY_COMPLETE', 'CANCELLED')),
  lines jsonb not null,
  "subtotalCents" bigint not null check ("subtotalCents" >= 0),
  "discountCents" bigint not null check ("discountCents" between 0 and "subtotalCents"),
  "totalCents" bigint not null check ("totalCents" = "subtotalCents" - "discountCents"),
  "couponId" text,
  address jsonb,
  "giftTo" jsonb,
  "placedAt" timestamptz not null,
  "paidAt" timestamptz,
  "cancelledAt" timestamptz,
  "cancelReason" text,
  "claimedAt" timestamptz
);

create index "orderOfCustomer" on "order" ("customerId", "placedAt" desc, "orderId" desc);
create index "orderWaiting" on "order" (state, "placedAt") where state in ('PLACING', 'INIT');
