import { isFault, isRefusal } from "@hanok/contract"
import type { ShopApi } from "./api.ts"
import type { Actor } from "./crowd.ts"
import type { Random } from "./random.ts"
import type { Account } from "./shopping/account.ts"
import { actions } from "./shopping/actions.ts"
import type { Shopper } from "./shopping/shopper.ts"

export interface CustomerOptions {
  readonly api: ShopApi
  /** Decides what the customer does; the same sequence, the same choices. */
  readonly random: Random
  /** Nobody else's, ever: it becomes the e-mail address. Letters, digits and dashes. */
  readonly name: string
  /** One to begin with; several customers may share it. Without it the customer registers when it first wants to have something. */
  readonly account?: Account
}

/**
 * Somebody who looks around and buys. Every choice comes from `random`, so two
 * runs with the same seed choose the same as long as the shop answers the same.
 * @example
 * const customer = createCustomer({ api, random: createRandom(7), name: `test-${randomUUID()}` })
 * await customer.act(moodAt("none", 0))
 */
export function createCustomer({ api, random, name, account }: CustomerOptions): Actor {
  const shopper: Shopper = { api, random, name, joined: 0, account, seen: [], orderIds: [], giftOrderIds: [], couponIds: [] }
  return {
    async act(mood) {
      try {
        await actions[random.weighted(mood.weights)](shopper, mood)
      } catch (error) {
        if (isFault(error, "UNAUTHENTICATED")) shopper.account = undefined
        // Refusals and faults are counted by the API; anything else is a mistake of this program.
        if (!isFault(error) && !isRefusal(error)) throw error
      }
    },
  }
}
