create table withdrawal (
  "orderId" text primary key
);
