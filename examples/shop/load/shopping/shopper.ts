import type { CallOutput } from "@hanok/contract"
import type { itemContract } from "../../modules/item/contract.ts"
import type { ShopApi } from "../api.ts"
import type { Random } from "../random.ts"
import type { Account } from "./account.ts"

export type SeenItem = CallOutput<(typeof itemContract)["declarations"]["items"]>["items"][number]

/** Somebody in the shop, and what it remembers. */
export interface Shopper {
  readonly api: ShopApi
  readonly random: Random
  /** Nobody else's; it becomes the e-mail address. */
  readonly name: string
  /** How often it has registered anew. */
  joined: number
  /** Without one, it registers when it first wants to have something. */
  account: Account | undefined
  /** The items it saw last. */
  seen: readonly SeenItem[]
  /** Paid for and not cancelled; the latest few. */
  orderIds: readonly string[]
  /** Gifts it has paid for and not handed on. */
  giftOrderIds: readonly string[]
  /** Issued to it and not used. */
  couponIds: readonly string[]
}

const remembered = 20

export function remember(list: readonly string[], id: string): readonly string[] {
  return [...list, id].slice(-remembered)
}
