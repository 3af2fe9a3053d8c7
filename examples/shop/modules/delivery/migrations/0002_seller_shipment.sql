-- A seller's shipments in their order: the index on the array has none, so that each look at them sorted them all.
create table "sellerShipment" (
  "sellerId" text not null,
  "createdAt" timestamptz not null,
  "shipmentId" text not null references shipment,
  state text not null,
  primary key ("sellerId", "createdAt", "shipmentId")
);

create index "sellerShipmentByState" on "sellerShipment" ("sellerId", state, "createdAt", "shipmentId");
create index "sellerShipmentById" on "sellerShipment" ("shipmentId");

insert into "sellerShipment" select distinct unnest("sellerIds"), "createdAt", "shipmentId", state from shipment;

drop index "shipmentOfSeller";
