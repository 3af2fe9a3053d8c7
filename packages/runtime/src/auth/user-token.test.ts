import { isFault } from "@hanok/contract"
import * as fc from "fast-check"
import { SignJWT, UnsecuredJWT } from "jose"
import { expect, test } from "vitest"
import { createAuthenticator } from "./authenticator.ts"
import { signUserToken, userTokenKey, verifyUserToken } from "./user-token.ts"

const secret = "a secret of this test, long enough"
const customer = { subject: "customer-7", roles: ["customer"] }

test("a signed token gives back the identity and when it expires", async () => {
  const token = await signUserToken(secret, customer, 60)
  const { identity, expiresAt } = await verifyUserToken(secret, token)
  expect(identity).toEqual(customer)
  expect(expiresAt).toBeGreaterThan(Date.now())
  expect(expiresAt).toBeLessThanOrEqual(Date.now() + 61_000)
})

test("issuer and audience are written, and checked where they are expected", async () => {
  const token = await signUserToken(secret, customer, 60, { issuer: "shop", audience: "web" })
  expect((await verifyUserToken(secret, token, { issuer: "shop", audience: "web" })).identity).toEqual(customer)
  await expectRefused(verifyUserToken(secret, token, { audience: "another" }), "claim aud")
  await expectRefused(verifyUserToken(secret, await signUserToken(secret, customer, 60), { issuer: "shop" }), "claim iss")
})

test("a token is refused with the reason: signature, age, form, algorithm", async () => {
  await expectRefused(verifyUserToken(secret, await signUserToken("another secret, also long", customer, 60)), "signature")
  await expectRefused(verifyUserToken(secret, await signUserToken(secret, customer, -1)), "expired")
  await expectRefused(verifyUserToken(secret, "no.jwt.atall"), "not a JSON Web Token")
  await expectRefused(verifyUserToken(secret, ""), "not a JSON Web Token")
  const unsigned = new UnsecuredJWT({ roles: ["admin"] }).setSubject("mallory").setExpirationTime("1h").encode()
  await expectRefused(verifyUserToken(secret, unsigned), "algorithm")
})

test("a token is good at once whose issuer's clock is a little ahead, and not a moment after it has expired", async () => {
  const seconds = Math.floor(Date.now() / 1_000)
  const signed = (nbf: number, exp: number) =>
    new SignJWT({ sub: "kim", nbf, exp }).setProtectedHeader({ alg: "HS256" }).sign(userTokenKey(secret))
  const { identity } = await verifyUserToken(secret, await signed(seconds + 20, seconds + 3_600))
  expect(identity).toEqual({ subject: "kim", roles: [] })
  await expectRefused(verifyUserToken(secret, await signed(seconds + 600, seconds + 3_600)), "claim nbf")
  await expectRefused(verifyUserToken(secret, await signed(seconds - 60, seconds)), "expired")
})

test("the secret itself is not a key for tokens: only what is derived from it for them", async () => {
  const signedWithSecret = await new SignJWT({ roles: [] })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("mallory")
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret))
  await expectRefused(verifyUserToken(secret, signedWithSecret), "signature")
})

test.each([
  ["a missing subject", { exp: 4_000_000_000 }, "claim sub"],
  ["an empty subject", { sub: "", exp: 4_000_000_000 }, "claim sub"],
  ["a subject that is too long", { sub: "x".repeat(256), exp: 4_000_000_000 }, "claim sub"],
  ["a missing expiry", { sub: "a" }, "claim exp"],
  ["roles that are no array", { sub: "a", exp: 4_000_000_000, roles: "admin" }, "claim roles"],
  ["roles that are no strings", { sub: "a", exp: 4_000_000_000, roles: [{ toString: "admin" }] }, "claim roles"],
  ["more than a hundred roles", { sub: "a", exp: 4_000_000_000, roles: Array(101).fill("r") }, "claim roles"],
])("%s is refused", async (_, claims, reason) => {
  const token = await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(userTokenKey(secret))
  await expectRefused(verifyUserToken(secret, token), reason)
})

test("a token without roles speaks for a user without any", async () => {
  const token = await new SignJWT({ sub: "a", exp: 4_000_000_000 }).setProtectedHeader({ alg: "HS256" }).sign(userTokenKey(secret))
  expect((await verifyUserToken(secret, token)).identity).toEqual({ subject: "a", roles: [] })
})

test("no token is made that would not be accepted: whoever asks for one is told at once", async () => {
  const subject = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.integer({ min: 0, max: 300 }).map((length) => "x".repeat(length)),
  )
  const roles = fc.oneof(
    fc.array(fc.string({ unit: "binary" })),
    fc.nat(200).map((count) => Array.from({ length: count }, (_, n) => `r${n}`)),
  )
  await fc.assert(
    fc.asyncProperty(subject, roles, fc.constantFrom(1, 100), async (name, some, times) => {
      const identity = { subject: name, roles: some.map((role) => role.repeat(times)) }
      const token = await signUserToken(secret, identity, 60).catch((error: unknown) => String(error))
      if (token.startsWith("Error: "))
        expect(token).toMatch(/^Error: No token can be made for that user: (its claim (sub|roles) must|it would have)/)
      else expect(await createAuthenticator({ HANOK_SECRET: secret }).identify(`Bearer ${token}`)).toEqual(identity)
    }),
    {
      examples: [
        ["", [], 1],
        ["x".repeat(255), [], 1],
        ["kim", Array.from({ length: 101 }, () => "r"), 1],
        ["kim", ["r".repeat(90)], 100],
      ],
    },
  )
})

test("a secret too short to be one is refused with the command that makes one", () => {
  expect(() => userTokenKey("secret")).toThrow(/HANOK_SECRET has 6 characters.*openssl rand/)
})

async function expectRefused(verification: Promise<unknown>, reason: string): Promise<void> {
  const error = await verification.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(isFault(error, "UNAUTHENTICATED") && error.message).toContain(reason)
}
