create table account (
  "customerId" text primary key,
  email text not null unique,
  name text not null,
  roles text[] not null,
  "passwordHash" text not null
);

create table address (
  "addressId" text primary key,
  "customerId" text not null references account,
  recipient text not null,
  phone text not null,
  "postalCode" text not null,
  street text not null,
  detail text not null,
  "createdAt" timestamptz not null default now()
);

create index "addressOfCustomer" on address ("customerId", "createdAt");
