create table level (
  sku text primary key,
  available bigint not null check (available >= 0),
  reserved bigint not null check (reserved >= 0),
  committed bigint not null check (committed >= 0)
);

create table reservation (
  "orderId" text primary key,
  state text not null check (state in ('NEW', 'RESERVED', 'COMMITTED', 'RELEASED')),
  lines jsonb not null
);
