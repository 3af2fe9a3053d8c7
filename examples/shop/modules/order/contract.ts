import { command, defineContract, event, query, refusal } from "@hanok/contract"
import { z } from "zod"
import { Address } from "../../kernel/address.ts"
import { Id, Sku } from "../../kernel/id.ts"
import { AmountCents } from "../../kernel/money.ts"
import { pageFields } from "../../kernel/page.ts"
import { paragraph, Phone, text } from "../../kernel/text.ts"

const weekSeconds = 7 * 24 * 3600

/** Whom an order is a gift for; they name their address when they claim it. */
const GiftTo = z
  .object({
    recipientName: text(100),
    recipientPhone: Phone,
    message: paragraph(500).default(""),
    /** From the payment on; what is not claimed by then is refunded. */
    claimWithinSeconds: z
      .int()
      .min(1)
      .max(4 * weekSeconds)
      .default(weekSeconds),
  })
  .meta({ title: "GiftTo" })

export const OrderLine = z
  .object({
    itemId: Id,
    sku: Sku,
    partnerId: Id,
    /** Who acts for the partner. */
    sellerId: Id,
    name: z.string(),
    label: z.string(),
    quantity: z.int().min(1),
    unitPriceCents: AmountCents,
  })
  .meta({ title: "OrderLine" })
export type OrderLine = z.infer<typeof OrderLine>

const OrderState = z.enum(["INIT", "PAID", "PREPARING", "SHIPPED", "DELIVERY_COMPLETE", "CANCELLED"])
const CancelReason = z.enum(["CUSTOMER", "UNPAID", "GIFT_EXPIRED", "NOT_PLACED"])

export const Order = z
  .object({
    orderId: Id,
    customerId: Id,
    state: OrderState,
    lines: z.array(OrderLine),
    subtotalCents: AmountCents,
    discountCents: AmountCents,
    totalCents: AmountCents,
    couponId: Id.nullable(),
    /** Of a gift it is not known here. */
    address: Address.nullable(),
    giftTo: GiftTo.nullable(),
    placedAt: z.iso.datetime(),
    paidAt: z.iso.datetime().nullable(),
    cancelledAt: z.iso.datetime().nullable(),
    cancelReason: CancelReason.nullable(),
  })
  .meta({ title: "Order" })
export type Order = z.infer<typeof Order>

const NewLine = z.object({ itemId: Id, optionIds: z.array(Id).max(3).default([]), quantity: z.int().min(1).max(99) })
const notFound = { ORDER_NOT_FOUND: refusal(z.object({}), { status: 404 }) }
const inState = z.object({ state: OrderState })

export const orderContract = defineContract("order", {
  /** Nothing is kept of an order that is refused: what was reserved is released, and the coupon is returned. */
  placeOrder: command({
    summary: "Orders items for an address of the caller (`addressId`), or as a gift (`giftTo`). Stock is reserved until it is paid for.",
    input: z
      .object({
        lines: z.array(NewLine).min(1).max(20),
        couponId: Id.optional(),
        addressId: Id.optional(),
        giftTo: GiftTo.meta({ title: "NewGiftTo" }).optional(),
      })
      .refine(({ addressId, giftTo }) => (addressId === undefined) !== (giftTo === undefined), {
        path: ["addressId"],
        message: "give either addressId or giftTo",
      }),
    output: Order,
    refusals: {
      ADDRESS_NOT_FOUND: z.object({}),
      ITEM_NOT_FOUND: z.object({ itemId: Id }),
      ITEM_NOT_ON_SALE: z.object({ itemId: Id }),
      UNKNOWN_OPTIONS: refusal(z.object({ itemId: Id, optionIds: z.array(Id) }), { status: 400 }),
      OUT_OF_STOCK: z.object({ sku: Sku, available: z.int().min(0) }),
      COUPON_NOT_FOUND: z.object({}),
      COUPON_ALREADY_REDEEMED: z.object({}),
      COUPON_EXPIRED: z.object({ expiredAt: z.iso.datetime() }),
      COUPON_MINIMUM_NOT_REACHED: z.object({ minimumOrderCents: AmountCents }),
      ORDER_ABANDONED: z.object({}),
    },
    http: "POST /orders",
  }),
  /**
   * Safe to repeat: an order is paid once. After a refusal it may be tried with another method. Where not all can be served,
   * orders that are placed come before those that are not: they hold stock.
   */
  payOrder: command({
    summary: "Pays an order of the caller.",
    input: z.object({
      orderId: Id,
      method: z.enum(["card", "bankTransfer", "points"]),
      /** What the payment provider gave the customer for its data. */
      token: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
    }),
    output: Order,
    refusals: {
      ...notFound,
      ORDER_NOT_PAYABLE: inState,
      PAYMENT_DECLINED: refusal(z.object({ reason: z.string() }), { status: 402 }),
    },
    http: "POST /orders/{orderId}/payment",
    priority: "high",
  }),
  /** Safe to repeat. Money, stock and coupon go back where they came from. */
  cancelOrder: command({
    summary: "Cancels an order of the caller that is not being prepared yet.",
    input: z.object({ orderId: Id }),
    output: Order,
    refusals: { ...notFound, ORDER_NOT_CANCELLABLE: inState },
    http: "POST /orders/{orderId}/cancel",
    priority: "high",
  }),
  orderById: query({
    summary: "An order of the caller.",
    input: z.object({ orderId: Id }),
    output: Order,
    refusals: notFound,
    http: "GET /orders/{orderId}",
  }),
  ordersOfCustomer: query({
    summary: "The caller's orders, newest first.",
    input: z.object(pageFields),
    output: z.object({ orders: z.array(Order), nextCursor: z.string().nullable() }),
    http: "GET /orders",
  }),
  orderToShip: query({
    summary: "What a shipment needs to know of an order, for other modules.",
    input: z.object({ orderId: Id }),
    output: z.object({ orderId: Id, customerId: Id, sellerIds: z.array(Id), state: OrderState }),
    refusals: notFound,
  }),
  /** Safe to repeat. From here on the order cannot be cancelled. */
  startPreparing: command({
    summary: "Takes note that a paid order is being prepared, for other modules.",
    input: z.object({ orderId: Id }),
    output: z.object({}),
    refusals: { ...notFound, ORDER_NOT_PREPARABLE: inState },
  }),
  orderPlaced: event(z.object({ orderId: Id, customerId: Id, totalCents: AmountCents }), {
    orderedBy: "orderId",
    summary: "An order was placed; its stock is reserved.",
  }),
  orderPaid: event(
    Order.pick({ orderId: true, customerId: true, lines: true, totalCents: true, address: true, giftTo: true }).extend({
      paidAt: z.iso.datetime(),
    }),
    { orderedBy: "orderId", summary: "An order was paid. It is a gift when it has no address." },
  ),
  orderCancelled: event(
    z.object({
      orderId: Id,
      customerId: Id,
      reason: CancelReason,
      stateBefore: z.enum(["PLACING", "INIT", "PAID"]),
      couponId: Id.nullable().default(null),
      totalCents: AmountCents,
    }),
    { orderedBy: "orderId", summary: "An order was cancelled, perhaps before it was quite placed." },
  ),
})
