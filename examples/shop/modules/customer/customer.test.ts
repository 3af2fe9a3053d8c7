import { isFault, refusalOf } from "@hanok/contract"
import { createSlice } from "@hanok/testkit"
import type { Slice } from "@hanok/testkit"
import { verifyUserToken } from "@hanok/runtime"
import { afterEach, beforeEach, expect, test } from "vitest"
import { partnerContract } from "../partner/contract.ts"
import { customerContract } from "./contract.ts"
import { customerModule } from "./module.ts"
import { customerStoreInMemory } from "./store.memory.ts"

const secret = "the secret of these tests, long enough"
const mina = { email: "mina@example.org", password: "correct horse", name: "Mina" }
const home = { recipient: "Mina", phone: "010-1234-5678", postalCode: "04524", street: "Sejong-daero 110", detail: "5F" }
let slice: Slice

beforeEach(async () => {
  slice = await createSlice(customerModule, { needs: { store: customerStoreInMemory }, env: { HANOK_SECRET: secret } })
})
afterEach(() => slice.close())

const register = () => slice.client(customerContract).registerCustomer(mina)
const signIn = (password: string, email = mina.email) => slice.client(customerContract).signIn({ email, password })
const identityOf = ({ customerId }: { customerId: string }) => ({ identity: { subject: customerId, roles: ["customer"] } })

test("a customer who registered can sign in, however the e-mail address is written", async () => {
  const { customerId } = await register()
  const signedIn = await signIn(mina.password, "MINA@example.org")
  const { identity } = await verifyUserToken(secret, signedIn.token)
  expect(identity).toEqual({ subject: customerId, roles: ["customer"] })
})

test("a wrong password and an unknown e-mail address are refused alike", async () => {
  await register()
  const errors = await Promise.all(
    [signIn("wrong password"), signIn(mina.password, "nobody@example.org")].map((call) => call.catch(String)),
  )
  expect(errors).toEqual(Array.from({ length: 2 }, () => "Refusal: customer.signIn refused: WRONG_CREDENTIALS"))
})

test("an e-mail address has one account, also when two register at once", async () => {
  const outcomes = await Promise.allSettled([register(), register(), register()])
  const refused = outcomes
    .filter((outcome) => outcome.status === "rejected")
    .map(({ reason }) => refusalOf(customerContract, "registerCustomer", reason))
  expect(refused.map((refusal) => refusal?.code)).toEqual(["EMAIL_TAKEN", "EMAIL_TAKEN"])
})

test("a short password names its field and nothing else of it", async () => {
  const error = await slice
    .client(customerContract)
    .registerCustomer({ ...mina, password: "short" })
    .catch((caught: unknown) => caught)
  expect(isFault(error, "INVALID_INPUT") && error.issues.map(({ field }) => field)).toEqual(["/password"])
})

test("addresses are kept per customer, oldest first", async () => {
  const customer = await register()
  const customers = slice.client(customerContract)
  const first = await customers.addAddress(home, identityOf(customer))
  const second = await customers.addAddress({ ...home, detail: "6F" }, identityOf(customer))
  expect(await customers.addressesOfCustomer({}, identityOf(customer))).toEqual([first, second])
  expect(await customers.addressesOfCustomer({}, identityOf({ customerId: "other" }))).toEqual([])
})

test("an address of somebody else is not found", async () => {
  const customers = slice.client(customerContract)
  const { addressId } = await customers.addAddress(home, identityOf(await register()))
  const error = await customers.addressById({ customerId: "other", addressId }).catch((caught: unknown) => caught)
  expect(refusalOf(customerContract, "addressById", error)?.code).toBe("ADDRESS_NOT_FOUND")
})

test("the owner of an enabled partner gets its role at the next sign-in, and loses it when the partner is disabled", async () => {
  const { customerId } = await register()
  for (const id of ["e1", "e2"]) await slice.tell(partnerContract, "partnerEnabled", { partnerId: "p", ownerId: customerId }, { id })
  expect((await signIn(mina.password)).roles).toEqual(["customer", "partner"])
  await slice.tell(partnerContract, "partnerDisabled", { partnerId: "p", ownerId: customerId })
  expect((await signIn(mina.password)).roles).toEqual(["customer"])
})

test("no answer holds the password", async () => {
  const error = await signIn(mina.password).catch((caught: unknown) => caught)
  expect(JSON.stringify([await register(), error, await signIn(mina.password)])).not.toContain(mina.password)
})

test("what is about the caller's own things is forbidden to a program that speaks for nobody", async () => {
  const fault = await slice
    .client(customerContract)
    .me({})
    .catch((error: unknown) => error)
  expect(isFault(fault) && fault.code).toBe("FORBIDDEN")
})

test("a customer has up to twenty addresses", async () => {
  const own = identityOf(await register())
  const customers = slice.client(customerContract)
  for (let count = 0; count < 20; count++) await customers.addAddress(home, own)
  const error = await customers.addAddress(home, own).catch((caught: unknown) => caught)
  expect(refusalOf(customerContract, "addAddress", error)).toMatchObject({ code: "TOO_MANY_ADDRESSES", details: { most: 20 } })
})
