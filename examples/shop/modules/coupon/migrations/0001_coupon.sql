create table rule (
  code text primary key,
  name text not null,
  discount jsonb not null,
  "minimumOrderCents" bigint not null,
  "validUntil" timestamptz not null,
  "perCustomer" integer not null
);

create table coupon (
  "couponId" text primary key,
  code text not null references rule,
  "customerId" text not null,
  "orderId" text
);

create index "couponOfCustomer" on coupon ("customerId", code);

create table redemption (
  "orderId" text primary key,
  state text not null check (state in ('NEW', 'REDEEMED', 'RETURNED')),
  "couponId" text,
  "discountCents" bigint not null check ("discountCents" >= 0)
);
