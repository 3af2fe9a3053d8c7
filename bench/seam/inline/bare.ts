import { placeOrder } from "../work.ts"
import type { InlineContender } from "./contender.ts"

/** An async function: the unit. */
export async function createBare(): Promise<InlineContender> {
  return { name: "async", within: (work) => work(placeOrder) }
}
