import { subjectOf } from "../../../kernel/subject.ts"
import type { CustomerHandler } from "../ports.ts"

const most = 20

export const addAddress: CustomerHandler<"addAddress"> =
  ({ store }) =>
  async (address, context) => {
    const customerId = subjectOf(context)
    const saved = { addressId: context.newId(), ...address }
    await store.transaction(context, async (tx) => {
      if (!(await tx.lockAccount(customerId))) throw context.refusal("CUSTOMER_NOT_FOUND", {})
      if ((await tx.countAddresses(customerId)) >= most) throw context.refusal("TOO_MANY_ADDRESSES", { most })
      await tx.insertAddress(customerId, saved)
    })
    return saved
  }
