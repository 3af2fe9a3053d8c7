create table shipment (
  "shipmentId" text primary key,
  "orderId" text not null unique,
  "customerId" text not null,
  "sellerIds" text[] not null,
  state text not null check (state in ('WAITING', 'PREPARING', 'SHIPPED', 'DELIVERED', 'CANCELLED')),
  address jsonb,
  "trackingNumber" text,
  "createdAt" timestamptz not null
);

create index "shipmentOfSeller" on shipment using gin ("sellerIds");
