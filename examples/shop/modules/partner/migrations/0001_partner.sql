create table partner (
  "partnerId" text primary key,
  "ownerId" text not null unique,
  name text not null,
  "businessNumber" text not null,
  state text not null check (state in ('REGISTERED', 'ENABLED', 'DISABLED'))
);
