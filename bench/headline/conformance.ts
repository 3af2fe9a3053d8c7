import { isDeepStrictEqual } from "node:util"
import { isFault, isRefusal } from "@hanok/contract"
import { createShopApi } from "../../examples/shop/load/api.ts"
import type { ShopApi } from "../../examples/shop/load/api.ts"
import type { Account } from "../../examples/shop/load/shopping/account.ts"
import { deliveryContract } from "../../examples/shop/modules/delivery/contract.ts"
import { inventoryContract } from "../../examples/shop/modules/inventory/contract.ts"
import { itemContract } from "../../examples/shop/modules/item/contract.ts"
import { notificationContract } from "../../examples/shop/modules/notification/contract.ts"
import { orderContract } from "../../examples/shop/modules/order/contract.ts"
import { paymentContract } from "../../examples/shop/modules/payment/contract.ts"
import { untilSettled } from "./until-settled.ts"

type Answers = Readonly<Record<string, unknown>>

/** What a shop answers to a customer who does everything once: what the mix does, what follows from its events, and what is refused. */
export async function answersOf(url: string, account: Account): Promise<Answers> {
  const api = createShopApi({ url })
  try {
    const answers = { ...(await looking(api)), ...(await buying(api, account)), ...(await refused(api, account)) }
    // What is said of ids and times by names, so that two shops' answers can be compared.
    return JSON.parse(withoutNames(JSON.stringify(answers))) as Answers
  } finally {
    await api.close()
  }
}

/** The first answer in which two shops differ; `undefined` when there is none. */
export function differenceOf(one: Answers, other: Answers): string | undefined {
  const name = Object.keys({ ...one, ...other }).find((key) => !isDeepStrictEqual(one[key], other[key]))
  return name === undefined ? undefined : `${name}:\n${JSON.stringify(one[name])}\n${JSON.stringify(other[name])}`
}

const search = { text: "moon jar", limit: 2 }

async function looking(api: ShopApi): Promise<Answers> {
  const list = await api.call(itemContract, "items", { limit: 100 })
  const page = await api.call(itemContract, "items", search)
  const names = list.items.map(({ name }) => name).toSorted()
  const item = await celadonCup(api)
  const stock = await api.call(inventoryContract, "stockOf", { skus: [...item.variants.map(({ sku }) => sku), "nobody"] })
  return { names, pages: [page.items.length, page.nextCursor !== null], item, stock }
}

async function celadonCup(api: ShopApi) {
  const { items } = await api.call(itemContract, "items", { text: "plain cup" })
  return api.call(itemContract, "itemById", { itemId: items[0]?.itemId ?? "" })
}

async function buying(api: ShopApi, { token, addressId }: Account): Promise<Answers> {
  const { itemId, optionGroups } = await celadonCup(api)
  const optionIds = optionGroups.flatMap(({ options }) => options[0]?.optionId ?? [])
  const order = { lines: [{ itemId, optionIds, quantity: 2 }], addressId }
  const placed = await api.call(orderContract, "placeOrder", order, { token })
  const { orderId } = placed
  const declined = await codeOf(api.call(orderContract, "payOrder", { orderId, method: "card", token: "tok_decline" }, { token }))
  const paid = await api.call(orderContract, "payOrder", { orderId, method: "card", token: "tok_ok" }, { token })
  const seen = await api.call(orderContract, "orderById", { orderId }, { token })
  const list = await api.call(orderContract, "ordersOfCustomer", {}, { token })
  const other = await api.call(orderContract, "placeOrder", order, { token })
  const cancelled = await api.call(orderContract, "cancelOrder", { orderId: other.orderId }, { token })
  const settled = await untilSettled(async () => ({
    payment: await api.call(paymentContract, "paymentOfOrder", { orderId }, { token }).then(({ state }) => state),
    shipment: await api.call(deliveryContract, "shipmentOfOrder", { orderId }, { token }).then(({ state }) => state, codeIn),
    messages: (await api.call(notificationContract, "messagesOfCustomer", {}, { token })).messages.map(({ subject }) => subject).toSorted(),
    stock: await api.call(inventoryContract, "stockOf", { skus: placed.lines.map(({ sku }) => sku) }),
  }))
  return { placed, declined, paid, seen, list, cancelled, settled }
}

async function refused(api: ShopApi, { token, addressId }: Account): Promise<Answers> {
  const nobody = { orderId: "nobody" }
  return {
    unknownItem: await codeOf(api.call(itemContract, "itemById", { itemId: "nobody" })),
    unknownItemOrdered: await codeOf(
      api.call(orderContract, "placeOrder", { lines: [{ itemId: "nobody", quantity: 1 }], addressId }, { token }),
    ),
    unknownOrder: await codeOf(api.call(orderContract, "orderById", nobody, { token })),
    withoutToken: await codeOf(api.call(orderContract, "orderById", nobody)),
    withBadToken: await codeOf(api.call(orderContract, "orderById", nobody, { token: "nonsense" })),
    withWrongRole: await codeOf(api.call(inventoryContract, "receiveStock", { sku: "any", quantity: 1 }, { token })),
    withBadInput: await codeOf(api.call(orderContract, "placeOrder", { lines: [], addressId }, { token })),
    withBadQuery: await codeOf(api.call(itemContract, "items", { limit: -1 })),
  }
}

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(() => "no refusal", codeIn)
}

function codeIn(error: unknown): string {
  if (isFault(error) || isRefusal(error)) return error.code
  throw error
}

const id = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g

// Ids are numbered by their first appearance.
function withoutNames(text: string): string {
  const known = new Map<string, string>()
  const nameOf = (found: string) => {
    const name = known.get(found) ?? `id ${known.size + 1}`
    known.set(found, name)
    return name
  }
  return text.replaceAll(time, "a time").replaceAll(id, nameOf)
}
