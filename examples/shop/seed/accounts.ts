import { refusalOf } from "@hanok/contract"
import { customerContract } from "../modules/customer/contract.ts"
import type { SeedClient } from "./client.ts"

/** Somebody to sign in as. */
export interface SeedAccount {
  readonly email: string
  readonly password: string
  readonly name: string
  readonly role: "customer" | "partner" | "admin"
}

/** Whoever seeds acts as this until there is an admin. */
export const seeder = { subject: "seed", roles: ["admin"] }

export const admin = account("admin", "Admin", "admin")
export const sellers = [
  account("celadon", "Park Jiwon", "partner"),
  account("hanji", "Choi Yuna", "partner"),
  account("tea", "Jung Haneul", "partner"),
]
export const customers = [account("mina", "Kim Mina", "customer"), account("joon", "Lee Joon", "customer")]

/** Opens the account, unless it is there already. Returns its id. */
export async function open(client: SeedClient, { role, ...registration }: SeedAccount): Promise<string> {
  const accounts = client(customerContract)
  const call = { identity: seeder, idempotencyKey: `seed/account/${registration.email}` }
  const register = role === "admin" ? accounts.registerAdmin : accounts.registerCustomer
  try {
    return (await register(registration, call)).customerId
  } catch (error) {
    const taken = refusalOf(customerContract, "registerAdmin", error) ?? refusalOf(customerContract, "registerCustomer", error)
    if (!taken) throw error
    return (await accounts.signIn({ email: registration.email, password: registration.password })).customerId
  }
}

function account(who: string, name: string, role: SeedAccount["role"]): SeedAccount {
  return { email: `${who}@shop.example`, password: `${who}-of-the-hanok`, name, role }
}
