import { subjectOf } from "../../../kernel/subject.ts"
import type { CustomerHandler } from "../ports.ts"

export const addressesOfCustomer: CustomerHandler<"addressesOfCustomer"> =
  ({ store }) =>
  async (_, context) => [...(await store.read(context).addressesOf(subjectOf(context)))]

export const addressById: CustomerHandler<"addressById"> =
  ({ store }) =>
  async ({ customerId, addressId }, context) => {
    const address = await store.read(context).address(customerId, addressId)
    if (!address) throw context.refusal("ADDRESS_NOT_FOUND", {})
    return address
  }
