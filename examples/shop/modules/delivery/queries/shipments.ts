import { nextCursor, pageOf } from "../../../kernel/page.ts"
import { subjectOf } from "../../../kernel/subject.ts"
import { handles, isAddressed } from "../handling.ts"
import type { DeliveryHandler } from "../ports.ts"

export const shipmentOfOrder: DeliveryHandler<"shipmentOfOrder"> =
  ({ store }) =>
  async ({ orderId }, context) => {
    const shipment = await store.read(context).shipmentOf(orderId)
    const mayLook = shipment?.customerId === subjectOf(context) || (shipment !== undefined && handles(shipment, context))
    if (!isAddressed(shipment) || !mayLook) throw context.refusal("SHIPMENT_NOT_FOUND", {})
    return shipment
  }

export const shipmentsOfSeller: DeliveryHandler<"shipmentsOfSeller"> =
  ({ store }) =>
  async (input, context) => {
    const page = pageOf(input)
    const found = await store.read(context).shipmentsOfSeller(subjectOf(context), input.state, page)
    const position = ({ createdAt, shipmentId }: (typeof found)[number]) => ({ at: createdAt, id: shipmentId })
    return { shipments: found.filter(isAddressed), nextCursor: nextCursor(found, page, position) }
  }
