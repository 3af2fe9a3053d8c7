import { subjectOf } from "../../../kernel/subject.ts"
import type { CustomerHandler } from "../ports.ts"

export const me: CustomerHandler<"me"> =
  ({ store }) =>
  async (_, context) => {
    const account = await store.read(context).accountById(subjectOf(context))
    if (!account) throw context.refusal("CUSTOMER_NOT_FOUND", {})
    return account
  }

export const customerById: CustomerHandler<"customerById"> =
  ({ store }) =>
  async ({ customerId }, context) => {
    const account = await store.read(context).accountById(customerId)
    if (!account) throw context.refusal("CUSTOMER_NOT_FOUND", {})
    return account
  }
