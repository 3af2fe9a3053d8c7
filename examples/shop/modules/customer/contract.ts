import { command, defineContract, query, refusal } from "@hanok/contract"
import { z } from "zod"
import { Address } from "../../kernel/address.ts"
import { Id } from "../../kernel/id.ts"
import { text } from "../../kernel/text.ts"

const Email = z.email().max(254).toLowerCase()
const Password = z.string().min(10).max(200)
const Role = z.enum(["customer", "partner", "admin"])

/** Whoever can sign in. */
export const Customer = z.object({ customerId: Id, email: Email, name: text(100), roles: z.array(Role).max(3) }).meta({ title: "Customer" })
export type Customer = z.infer<typeof Customer>
export type Role = z.infer<typeof Role>

export const SavedAddress = Address.extend({ addressId: Id }).meta({ title: "SavedAddress" })
export type SavedAddress = z.infer<typeof SavedAddress>

const Registration = z.object({ email: Email, password: Password, name: text(100) })
const emailTaken = { EMAIL_TAKEN: z.object({}) }
const unknown = { CUSTOMER_NOT_FOUND: refusal(z.object({}), { status: 404 }) }

export const customerContract = defineContract("customer", {
  registerCustomer: command({
    summary: "Opens an account. The password has at least ten characters.",
    input: Registration,
    output: Customer,
    refusals: emailTaken,
    http: "POST /customers",
    access: "public",
  }),
  registerAdmin: command({
    summary: "Opens an account for somebody who runs the shop.",
    input: Registration,
    output: Customer,
    refusals: emailTaken,
    http: "POST /admins",
    access: { anyOf: ["admin"] },
  }),
  /** A query, since it changes nothing: so neither passwords nor tokens are kept in any journal. */
  signIn: query({
    summary: "Gives a token, to be sent as `Authorization: Bearer`.",
    input: z.object({ email: Email, password: z.string().max(200) }),
    output: z.object({ customerId: Id, roles: z.array(Role), token: z.string(), expiresAt: z.iso.datetime() }),
    refusals: { WRONG_CREDENTIALS: refusal(z.object({}), { status: 401 }) },
    http: "POST /sign-in",
    access: "public",
  }),
  me: query({
    summary: "The caller's own account.",
    input: z.object({}),
    output: Customer,
    refusals: unknown,
    http: "GET /me",
  }),
  addAddress: command({
    summary: "Saves an address of the caller.",
    input: Address,
    output: SavedAddress,
    refusals: { ...unknown, TOO_MANY_ADDRESSES: z.object({ most: z.int() }) },
    http: "POST /me/addresses",
  }),
  addressesOfCustomer: query({
    summary: "The caller's addresses, oldest first.",
    input: z.object({}),
    output: z.array(SavedAddress),
    http: "GET /me/addresses",
  }),
  customerById: query({
    summary: "Who a customer is, for other modules.",
    input: z.object({ customerId: Id }),
    output: Customer,
    refusals: unknown,
  }),
  addressById: query({
    summary: "One of a customer's addresses, for other modules.",
    input: z.object({ customerId: Id, addressId: Id }),
    output: SavedAddress,
    refusals: { ADDRESS_NOT_FOUND: refusal(z.object({}), { status: 404 }) },
  }),
})
