import { isRefusal } from "@hanok/contract"
import type { CallInput } from "@hanok/contract"
import type { Item } from "../../modules/item/contract.ts"
import { orderContract } from "../../modules/order/contract.ts"
import type { Order } from "../../modules/order/contract.ts"
import type { Random } from "../random.ts"
import type { Mood } from "../season.ts"
import { accountOf } from "./account.ts"
import { look } from "./looking.ts"
import { remember } from "./shopper.ts"
import type { Shopper } from "./shopper.ts"

type NewOrder = CallInput<(typeof orderContract)["declarations"]["placeOrder"]>

/** Orders one item or two for its own address, with a coupon if it has one, and pays; some leave without paying. */
export async function order(shopper: Shopper, mood: Mood): Promise<void> {
  const { addressId } = await accountOf(shopper)
  const [couponId, ...others] = shopper.couponIds
  // Used, or of no use.
  shopper.couponIds = others
  const placed = await place(shopper, mood, { addressId, ...(couponId === undefined ? {} : { couponId }) })
  if (!placed || shopper.random.chance(0.05)) return
  if (await pay(shopper, placed)) shopper.orderIds = remember(shopper.orderIds, placed.orderId)
}

/** Cancels the latest order that it has paid for. */
export async function cancel(shopper: Shopper): Promise<void> {
  const orderId = shopper.orderIds.at(-1)
  if (orderId === undefined) return
  shopper.orderIds = shopper.orderIds.slice(0, -1)
  const { token } = await accountOf(shopper)
  await shopper.api.call(orderContract, "cancelOrder", { orderId }, { token })
}

/** Places an order of what it looks at. `undefined` when nothing is on sale. */
export async function place(shopper: Shopper, mood: Mood, rest: Omit<NewOrder, "lines">): Promise<Order | undefined> {
  const { token } = await accountOf(shopper)
  const item = await look(shopper, mood)
  if (!item) return undefined
  const lines = [lineOf(shopper, item)]
  const another = shopper.random.chance(0.2) ? await look(shopper, mood) : undefined
  if (another && another.itemId !== item.itemId) lines.push(lineOf(shopper, another))
  return shopper.api.call(orderContract, "placeOrder", { ...rest, lines }, { token })
}

/** Pays. Whose payment is declined tries once more with another method, or leaves. `false` when it stays unpaid. */
export async function pay(shopper: Shopper, { orderId }: Order): Promise<boolean> {
  const { api, random } = shopper
  const { token } = await accountOf(shopper)
  for (const method of random.chance(0.8) ? (["card", "bankTransfer"] as const) : (["bankTransfer", "card"] as const)) {
    try {
      await api.call(orderContract, "payOrder", { orderId, method, token: paymentTokenOf(random) }, { token })
      return true
    } catch (error) {
      if (!isRefusal(error) || error.code !== "PAYMENT_DECLINED") throw error
      if (random.chance(0.3)) return false
    }
  }
  return false
}

function lineOf({ random }: Shopper, { itemId, optionGroups }: Item): NewOrder["lines"][number] {
  const optionIds = optionGroups.flatMap(({ options }) => random.pick(options)?.optionId ?? [])
  return { itemId, optionIds, quantity: random.chance(0.85) ? 1 : random.between(2, 3) }
}

// See the payment module's simulated provider.
const paymentTokens = { tok_ok: 93, tok_decline: 4, tok_slow: 3 }

function paymentTokenOf(random: Random): string {
  return random.weighted(paymentTokens)
}
