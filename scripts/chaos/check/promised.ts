import type { Books, Entry } from "../business/books.ts"
import type { Discount, Furnished } from "../business/furnish.ts"

export interface Line {
  readonly itemId: string
  readonly sku: string
  readonly partnerId: string
  readonly quantity: number
  readonly unitPriceCents: number
}

/** An order as its customer was told that it was placed. */
export interface PromisedOrder {
  readonly orderId: string
  readonly customerId: string
  readonly lines: readonly Line[]
  /** What the customer had asked for. */
  readonly asked: {
    readonly lines: readonly { readonly itemId: string; readonly quantity: number }[]
    readonly couponId: string | null
    readonly isGift: boolean
  }
  readonly totalCents: number
}

/** A coupon as its customer was told that it is theirs, and what it takes off by the rule that was made for its code. */
export interface PromisedCoupon {
  readonly couponId: string
  readonly customerId: string
  readonly discount: Discount
}

/** What the shop has promised, put together from our own record. Sets hold the ids of orders. */
export interface Promised {
  readonly orders: readonly PromisedOrder[]
  readonly coupons: readonly PromisedCoupon[]
  readonly paid: ReadonlySet<string>
  /** Payment was asked for, whatever came of it. */
  readonly payAsked: ReadonlySet<string>
  readonly cancelled: ReadonlySet<string>
  readonly cancelAsked: ReadonlySet<string>
  readonly claimed: ReadonlySet<string>
  readonly prepared: ReadonlySet<string>
  readonly shipped: ReadonlySet<string>
  readonly delivered: ReadonlySet<string>
  /** Pieces by stock-keeping unit. */
  readonly received: ReadonlyMap<string, number>
  /** Prices in cents by stock-keeping unit, as their sellers have set them. */
  readonly prices: ReadonlyMap<string, number>
  readonly contradictions: readonly string[]
}

export function promisedBy(books: Pick<Books, "entries" | "contradictions">, { wares, couponRules }: Furnished): Promised {
  const entries = books.entries()
  const asked = (kind: Entry["kind"]) => new Set(entries.filter((entry) => entry.kind === kind).map(({ about }) => about))
  const told = (kind: Entry["kind"]) => entries.filter((entry) => entry.kind === kind && entry.answer?.kind === "acknowledged")
  const done = (kind: Entry["kind"]) => new Set(told(kind).map(({ about }) => about))
  return {
    orders: told("placeOrder").map(orderOf),
    coupons: told("collectCoupon").map((entry) => couponOf(entry, couponRules)),
    paid: done("payOrder"),
    payAsked: asked("payOrder"),
    cancelled: done("cancelOrder"),
    cancelAsked: asked("cancelOrder"),
    claimed: done("claimGift"),
    prepared: done("prepareShipment"),
    shipped: done("ship"),
    delivered: done("completeDelivery"),
    received: receivedIn(told("receiveStock")),
    prices: new Map(wares.map(({ sku, priceCents }) => [sku, priceCents])),
    contradictions: books.contradictions(),
  }
}

function receivedIn(entries: readonly Entry[]): ReadonlyMap<string, number> {
  const received = new Map<string, number>()
  for (const { about, body } of entries) {
    // Written by ourselves.
    const { quantity } = body as { readonly quantity: number }
    received.set(about, (received.get(about) ?? 0) + quantity)
  }
  return received
}

function couponOf(entry: Entry, rules: Furnished["couponRules"]): PromisedCoupon {
  const { discount } = rules.find(({ code }) => code === entry.about) ?? {}
  if (!discount) throw new Error(`There is no rule ${entry.about}.`)
  return { couponId: String(fieldsOf(entry)["couponId"]), customerId: entry.subject, discount }
}

/** Written by ourselves. */
interface OrderBody {
  readonly lines: PromisedOrder["asked"]["lines"]
  readonly couponId?: string
  readonly giftTo?: object
}

function orderOf(entry: Entry): PromisedOrder {
  const { orderId, lines, totalCents } = fieldsOf(entry)
  const asked = entry.body as OrderBody
  return {
    orderId: String(orderId),
    customerId: entry.subject,
    // As the contract of orders says; what is not so is found by comparing.
    lines: Array.isArray(lines) ? (lines as Line[]) : [],
    asked: { lines: asked.lines, couponId: asked.couponId ?? null, isGift: asked.giftTo !== undefined },
    totalCents: Number(totalCents),
  }
}

function fieldsOf({ answer }: Entry): Readonly<Record<string, unknown>> {
  const body = answer?.kind === "acknowledged" ? answer.body : undefined
  return typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>) : {}
}
