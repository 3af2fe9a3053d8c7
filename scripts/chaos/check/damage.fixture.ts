import type { Facts, OrderFact } from "./facts.ts"
import type { Measure } from "./finding.ts"
import type { PromisedCoupon, PromisedOrder } from "./promised.ts"
import type { World } from "./world.fixture.ts"

/** One way in which a shop can break a promise. */
export interface Damage {
  readonly name: string
  readonly measure: Measure
  /** `pick` says which of those that it can be done to; `undefined` when there is none. */
  readonly done: (world: World, pick: number) => World | undefined
}

type Rows = "orders" | "payments" | "charges" | "levels" | "coupons" | "gifts" | "shipments" | "sales"
type RowOf<Name extends Rows> = Facts[Name][number]

const all = () => true

export const damages: readonly Damage[] = [
  { name: "an order is lost", measure: "orders_lost", done: without("orders", all) },
  {
    name: "an order is not shown",
    measure: "orders_lost",
    done: (world, pick) => withShown(world, "orders", dropped(world.facts.shown.orders, pick)),
  },
  { name: "a paid order is unpaid again", measure: "orders_lost", done: changed("orders", isPaid, { state: "INIT", wasPaid: false }) },
  { name: "an order goes back to being placed", measure: "orders_lost", done: changed("orders", all, { state: "PLACING" }) },
  {
    name: "a cancelled order lives on",
    measure: "orders_lost",
    done: changed("orders", isCancelledByCustomer, { state: "INIT", cancelReason: null }),
  },
  {
    name: "a paid order is cancelled",
    measure: "orders_lost",
    done: changed("orders", isPaid, { state: "CANCELLED", cancelReason: "UNPAID" }),
  },
  { name: "an order forgets the coupon that it was placed with", measure: "orders_lost", done: asked(all, { couponId: "coupon" }) },
  { name: "a gift becomes an order like others", measure: "orders_lost", done: asked(({ isGift }) => !isGift, { isGift: true }) },
  {
    name: "a gift expires although it was claimed",
    measure: "orders_lost",
    done: ({ promised, facts }, pick) => {
      const { orderId = "" } = picked(facts.orders, ({ cancelReason }) => cancelReason === "GIFT_EXPIRED", pick) ?? {}
      return { facts, promised: { ...promised, claimed: new Set([...promised.claimed, orderId]) } }
    },
  },
  {
    name: "an order exists twice",
    measure: "orders_doubled",
    done: again("orders", all, (order) => ({ ...order, orderId: `${order.orderId}-again` })),
  },
  {
    name: "a key has two answers",
    measure: "orders_doubled",
    done: ({ promised, facts }) => ({ facts, promised: { ...promised, contradictions: ["placeOrder"] } }),
  },
  { name: "an order was paid twice", measure: "money_off_cents", done: again("charges", isTaken, (charge) => charge) },
  {
    name: "the provider has taken a cent too much",
    measure: "money_off_cents",
    done: adjusted("charges", isTaken, ({ amountCents }) => ({ amountCents: amountCents + 1 })),
  },
  {
    name: "money was not given back",
    measure: "money_off_cents",
    done: changed("charges", ({ state }) => state === "RETURNED", { state: "TAKEN" }),
  },
  { name: "money is held for ever", measure: "money_off_cents", done: again("charges", all, (charge) => ({ ...charge, state: "HELD" })) },
  { name: "a payment is forgotten", measure: "money_off_cents", done: without("payments", ({ state }) => state === "CAPTURED") },
  {
    name: "a payment does not know that its order was cancelled",
    measure: "money_off_cents",
    done: changed("payments", ({ state }) => state === "REFUNDED", { state: "AUTHORISED" }),
  },
  {
    name: "a total is wrong",
    measure: "money_off_cents",
    done: adjusted("orders", all, ({ totalCents }) => ({ totalCents: totalCents - 1 })),
  },
  {
    name: "a coupon takes off what its rule does not say",
    measure: "money_off_cents",
    done: promisedCoupon(({ discount }) => ({ discount: { ...discount, amountCents: 1 } })),
  },
  {
    name: "money of nobody's",
    measure: "money_off_cents",
    done: again("charges", isTaken, (charge) => ({ ...charge, orderId: "nobody" })),
  },
  { name: "a piece is gone", measure: "stock_off", done: adjusted("levels", all, ({ available }) => ({ available: available - 1 })) },
  {
    name: "a piece stays reserved",
    measure: "stock_off",
    done: adjusted("levels", all, ({ available, reserved }) => ({ available: available - 1, reserved: reserved + 1 })),
  },
  {
    name: "a piece is committed for nobody",
    measure: "stock_off",
    done: adjusted("levels", all, ({ available, committed }) => ({ available: available - 1, committed: committed + 1 })),
  },
  {
    name: "a message is missing",
    measure: "events_lost",
    done: (world, pick) => withFacts(world, "occasions", dropped(world.facts.occasions, pick)),
  },
  {
    name: "a message was written twice",
    measure: "events_doubled",
    done: (world, pick) => withFacts(world, "occasions", doubled(world.facts.occasions, pick)),
  },
  { name: "a shipment is missing", measure: "events_lost", done: without("shipments", all) },
  {
    name: "a shipment is there twice",
    measure: "events_doubled",
    done: again("shipments", all, (one) => ({ ...one, shipmentId: "again" })),
  },
  {
    name: "a shipment falls behind its order",
    measure: "events_lost",
    done: changed("shipments", ({ state }) => state === "DELIVERED", { state: "WAITING" }),
  },
  {
    name: "a shipment goes somewhere else",
    measure: "events_lost",
    done: changed("shipments", ({ state }) => state !== "CANCELLED", { street: "elsewhere" }),
  },
  {
    name: "a settlement has left out a sale of nothing",
    measure: "events_lost",
    done: (world, pick) => {
      const settlements = world.facts.shown.settlements.map((one) => ({ ...one, salesCount: one.salesCount - 1 - (pick % 2) }))
      return withShown(world, "settlements", settlements)
    },
  },
  { name: "a gift is missing", measure: "events_lost", done: without("gifts", all) },
  { name: "a gift is there twice", measure: "events_doubled", done: again("gifts", all, (gift) => ({ ...gift, giftId: "again" })) },
  { name: "a sale is missing", measure: "events_lost", done: without("sales", all) },
  { name: "a sale is there twice", measure: "events_doubled", done: again("sales", all, (sale) => sale) },
  { name: "a sale outlives its order", measure: "events_lost", done: changed("sales", ({ cancelled }) => cancelled, { cancelled: false }) },
  {
    name: "a delivery is not known to its order",
    measure: "events_lost",
    done: changed("orders", ({ state }) => state === "DELIVERY_COMPLETE", { state: "SHIPPED" }),
  },
  {
    name: "an event waits for ever",
    measure: "events_lost",
    done: (world) => withFacts(world, "undelivered", [{ module: "order", subscriber: "gift", parked: true, error: "no" }]),
  },
  {
    name: "a coupon was used twice",
    measure: "coupons_off",
    done: again("orders", usesCoupon, (order) => ({ ...order, orderId: `${order.orderId}-again` })),
  },
  {
    name: "a coupon was not returned",
    measure: "coupons_off",
    done: changed("coupons", ({ orderId }) => orderId === null, { orderId: "order-0" }),
  },
  {
    name: "a coupon was not used up",
    measure: "coupons_off",
    done: changed("coupons", ({ orderId }) => orderId !== null, { orderId: null }),
  },
  { name: "a coupon is lost", measure: "coupons_off", done: without("coupons", all) },
  { name: "somebody else's coupon was used", measure: "coupons_off", done: promisedCoupon(() => ({ customerId: "somebody else" })) },
]

function isPaid({ state }: OrderFact): boolean {
  return state === "PAID"
}

function isCancelledByCustomer({ cancelReason }: OrderFact): boolean {
  return cancelReason === "CUSTOMER"
}

function isTaken({ state }: RowOf<"charges">): boolean {
  return state === "TAKEN"
}

function usesCoupon({ couponId, state }: OrderFact): boolean {
  return couponId !== null && state !== "CANCELLED"
}

function withFacts<Name extends keyof Facts>(world: World, name: Name, rows: Facts[Name] | undefined): World | undefined {
  return rows && { ...world, facts: { ...world.facts, [name]: rows } }
}

function withShown<Name extends keyof Facts["shown"]>(world: World, name: Name, rows: Facts["shown"][Name] | undefined): World | undefined {
  return rows && withFacts(world, "shown", { ...world.facts.shown, [name]: rows })
}

function dropped<T>(rows: readonly T[], pick: number): readonly T[] | undefined {
  return rows.length === 0 ? undefined : rows.toSpliced(pick % rows.length, 1)
}

function doubled<T>(rows: readonly T[], pick: number): readonly T[] | undefined {
  const row = rows[pick % rows.length]
  return row === undefined ? undefined : [...rows, row]
}

function picked<T>(rows: readonly T[], fits: (row: T) => boolean, pick: number): T | undefined {
  const fitting = rows.filter(fits)
  return fitting[pick % fitting.length]
}

type Done = Damage["done"]

/** What was asked for was another order than the one there is. */
function asked(fits: (row: OrderFact) => boolean, change: Partial<PromisedOrder["asked"]>): Done {
  return ({ promised, facts }, pick) => {
    const order = picked(facts.orders, fits, pick)
    const orders = promised.orders.map((one) => (one.orderId === order?.orderId ? { ...one, asked: { ...one.asked, ...change } } : one))
    return order && { facts, promised: { ...promised, orders } }
  }
}

/** What was promised of a coupon that was used is something else than what was done with it. */
function promisedCoupon(change: (coupon: PromisedCoupon) => Partial<PromisedCoupon>): Done {
  return ({ promised, facts }, pick) => {
    const used = picked(facts.orders, usesCoupon, pick)
    const coupons = promised.coupons.map((one) => (one.couponId === used?.couponId ? { ...one, ...change(one) } : one))
    return used && { facts, promised: { ...promised, coupons } }
  }
}

function replaced<Name extends Rows>(
  name: Name,
  fits: (row: RowOf<Name>) => boolean,
  to: (row: RowOf<Name>) => readonly RowOf<Name>[],
): Done {
  return (world, pick) => {
    // The rows under that name are of that name's type.
    const rows = world.facts[name] as readonly RowOf<Name>[]
    const fitting = rows.filter(fits)
    const chosen = fitting[pick % fitting.length]
    if (chosen === undefined) return undefined
    const at = rows.indexOf(chosen)
    return withFacts(world, name, [...rows.slice(0, at), ...to(chosen), ...rows.slice(at + 1)] as unknown as Facts[Name])
  }
}

function without<Name extends Rows>(name: Name, fits: (row: RowOf<Name>) => boolean): Done {
  return replaced(name, fits, () => [])
}

function again<Name extends Rows>(name: Name, fits: (row: RowOf<Name>) => boolean, copy: (row: RowOf<Name>) => RowOf<Name>): Done {
  return replaced(name, fits, (row) => [row, copy(row)])
}

function adjusted<Name extends Rows>(
  name: Name,
  fits: (row: RowOf<Name>) => boolean,
  change: (row: RowOf<Name>) => Partial<RowOf<Name>>,
): Done {
  return replaced(name, fits, (row) => [{ ...row, ...change(row) }])
}

function changed<Name extends Rows>(name: Name, fits: (row: RowOf<Name>) => boolean, change: Partial<RowOf<Name>>): Done {
  return adjusted(name, fits, () => change)
}
