import { nextCursor, pageOf } from "../../../kernel/page.ts"
import { subjectOf } from "../../../kernel/subject.ts"
import type { OrderHandler } from "../ports.ts"
import { visible, visibleTo } from "../visible.ts"

export const orderById: OrderHandler<"orderById"> =
  ({ store }) =>
  async ({ orderId }, context) => {
    const order = visibleTo(await store.read(context).order(orderId), subjectOf(context))
    if (!order) throw context.refusal("ORDER_NOT_FOUND", {})
    return order
  }

export const ordersOfCustomer: OrderHandler<"ordersOfCustomer"> =
  ({ store }) =>
  async (input, context) => {
    const page = pageOf(input)
    const found = await store.read(context).ordersOf(subjectOf(context), page)
    const orders = found.map(visible).filter((order) => order !== undefined)
    return { orders, nextCursor: nextCursor(found, page, ({ placedAt, orderId }) => ({ at: placedAt, id: orderId })) }
  }

export const orderToShip: OrderHandler<"orderToShip"> =
  ({ store }) =>
  async ({ orderId }, context) => {
    const order = visible(await store.read(context).order(orderId))
    if (!order) throw context.refusal("ORDER_NOT_FOUND", {})
    return { ...order, sellerIds: [...new Set(order.lines.map(({ sellerId }) => sellerId))] }
  }
