import type { Context } from "@hanok/contract"
import type { Customer, Role } from "../contract.ts"
import { hashPassword } from "../password.ts"
import type { CustomerHandler, CustomerPorts } from "../ports.ts"

export const registerCustomer: CustomerHandler<"registerCustomer"> = (ports) => async (input, context) => {
  const customer = await register(ports, input, ["customer"], context)
  if (!customer) throw context.refusal("EMAIL_TAKEN", {})
  return customer
}

export const registerAdmin: CustomerHandler<"registerAdmin"> = (ports) => async (input, context) => {
  const admin = await register(ports, input, ["customer", "admin"], context)
  if (!admin) throw context.refusal("EMAIL_TAKEN", {})
  return admin
}

interface Registration {
  readonly email: string
  readonly password: string
  readonly name: string
}

async function register({ store }: CustomerPorts, { password, ...who }: Registration, roles: Role[], context: Context) {
  const customer: Customer = { customerId: context.newId(), ...who, roles }
  const passwordHash = await hashPassword(password)
  const inserted = await store.transaction(context, (tx) => tx.insertAccount({ ...customer, passwordHash }))
  return inserted ? customer : undefined
}
