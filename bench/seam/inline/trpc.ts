import { initTRPC } from "@trpc/server"
import { Order, OrderInput, orderOf } from "../work.ts"
import type { InlineContender } from "./contender.ts"

/** tRPC's server-side caller, with input and output checked by Zod. */
export async function createTrpc(): Promise<InlineContender> {
  const t = initTRPC.create()
  const router = t.router({
    place: t.procedure
      .input(OrderInput)
      .output(Order)
      .query(({ input }) => orderOf(input)),
  })
  const caller = t.createCallerFactory(router)({})
  return { name: "trpc", within: (work) => work((input) => caller.place(input)) }
}
