create table item (
  "itemId" text primary key,
  "partnerId" text not null,
  "sellerId" text not null,
  name text not null,
  description text not null,
  "basePriceCents" bigint not null check ("basePriceCents" >= 0),
  "optionGroups" jsonb not null,
  state text not null check (state in ('DRAFT', 'ON_SALE', 'ENDED')),
  "createdAt" timestamptz not null
);

create index "itemOnSale" on item ("createdAt" desc, "itemId" desc) where state = 'ON_SALE';
create index "itemOfPartner" on item ("partnerId");
create index "itemOfSeller" on item ("sellerId", "createdAt" desc, "itemId" desc);
