import { refusalOf } from "@hanok/contract"
import type { HandlerInput } from "@hanok/contract"
import { customerContract } from "../../customer/contract.ts"
import { itemContract } from "../../item/contract.ts"
import type { orderContract, OrderLine } from "../contract.ts"
import type { OrderContext, OrderPorts } from "../ports.ts"
import type { StoredOrder } from "../store.ts"
import { subtotalOf } from "../total.ts"

type Input = HandlerInput<(typeof orderContract)["declarations"]["placeOrder"]>
type PlaceContext = OrderContext<"placeOrder">

/** The order as it is before anything is secured, at today's prices. */
export async function draftOrder(
  ports: OrderPorts,
  own: Pick<StoredOrder, "orderId" | "customerId" | "placedAt">,
  { lines: asked, addressId, couponId, giftTo }: Input,
  context: PlaceContext,
): Promise<StoredOrder> {
  const [lines, address] = await Promise.all([linesOf(ports, asked, context), addressOf(ports, own.customerId, addressId, context)])
  const subtotalCents = subtotalOf(lines)
  const money = { subtotalCents, discountCents: 0, totalCents: subtotalCents }
  const nothingYet = { paidAt: null, cancelledAt: null, cancelReason: null, claimedAt: null }
  return {
    ...own,
    state: "PLACING",
    lines: [...lines],
    ...money,
    couponId: couponId ?? null,
    address,
    giftTo: giftTo ?? null,
    ...nothingYet,
  }
}

async function linesOf({ item }: OrderPorts, asked: Input["lines"], context: PlaceContext): Promise<readonly OrderLine[]> {
  const selections = asked.map(({ itemId, optionIds }) => ({ itemId, optionIds }))
  try {
    const priced = await item.priceOfSelection({ selections }, context)
    return priced.map((line, index) => withQuantity(line, asked[index]?.quantity ?? 0))
  } catch (error) {
    const refused = refusalOf(itemContract, "priceOfSelection", error)
    throw refused ? context.refusal(refused.code, refused.details) : error
  }
}

function withQuantity(line: Omit<OrderLine, "quantity">, quantity: number): OrderLine {
  return { ...line, quantity }
}

async function addressOf({ customer }: OrderPorts, customerId: string, addressId: string | undefined, context: PlaceContext) {
  if (addressId === undefined) return null
  try {
    const { addressId: _, ...address } = await customer.addressById({ customerId, addressId }, context)
    return address
  } catch (error) {
    throw refusalOf(customerContract, "addressById", error) ? context.refusal("ADDRESS_NOT_FOUND", {}) : error
  }
}
