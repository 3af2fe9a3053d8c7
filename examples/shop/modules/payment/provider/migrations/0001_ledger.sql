create table entry (
  reference text primary key,
  "amountCents" bigint not null,
  method text not null,
  state text not null check (state in ('HELD', 'TAKEN', 'RETURNED', 'DECLINED')),
  reason text
);
