import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { isFault } from "@hanok/contract"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { expect, onTestFinished, test, vi } from "vitest"
import { createAuthenticator } from "./authenticator.ts"
import { tokenIssuer } from "./token-issuer.ts"
import { signUserToken } from "./user-token.ts"

const secret = "a secret of this test, long enough"
const customer = { subject: "customer-7", roles: ["customer"] }
const silent = { debug() {}, info() {}, warn() {}, error() {} }

test("a request without a token speaks for nobody", () => {
  expect(createAuthenticator({ HANOK_SECRET: secret }).identify(undefined)).toBeUndefined()
})

test("what the issuer of the same environment issues is accepted, and at once the second time", async () => {
  const { port: tokens } = await tokenIssuer().create({ module: "customer", env: { HANOK_SECRET: secret }, log: silent })
  const authorization = `Bearer ${await tokens.issue(customer, 60)}`
  const authenticator = createAuthenticator({ HANOK_SECRET: secret })
  const first = authenticator.identify(authorization)
  expect(first).toBeInstanceOf(Promise)
  expect(await first).toEqual(customer)
  expect(authenticator.identify(authorization)).toEqual(customer)
})

test("a remembered token stops working when it expires", async () => {
  const authenticator = createAuthenticator({ HANOK_SECRET: secret })
  const authorization = `bearer ${await signUserToken(secret, customer, 60)}`
  await authenticator.identify(authorization)
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 })
  onTestFinished(() => void vi.useRealTimers())
  await expect(authenticator.identify(authorization)).rejects.toThrow("it has expired")
})

test.each(["Basic dXNlcjpwYXNz", "Bearer", "", "token"])("the header %j is refused", (authorization) => {
  expect(() => createAuthenticator({ HANOK_SECRET: secret }).identify(authorization)).toThrow("must be: Bearer <token>")
})

test("a token of absurd length is refused unread", () => {
  const identify = () => createAuthenticator({ HANOK_SECRET: secret }).identify(`Bearer ${"x".repeat(9000)}`)
  expect(identify).toThrow("9000 characters")
})

test("without a secret or an issuer the error says what to set", () => {
  expect(() => createAuthenticator({})).toThrow("Set HANOK_SECRET")
  expect(() => createAuthenticator({ HANOK_JWKS_URL: "nonsense" })).toThrow("HANOK_JWKS_URL is not a URL: nonsense")
  expect(() => createAuthenticator({ HANOK_JWKS_URL: "https://id.example/jwks", HANOK_JWT_ISSUER: "x" })).toThrow("HANOK_JWT_AUDIENCE")
})

test("an identity provider's tokens are verified with its published keys, its issuer and this audience", async () => {
  const provider = await createProvider()
  const authenticator = createAuthenticator(provider.env)
  expect(await authenticator.identify(`Bearer ${await provider.issue({ aud: "shop" })}`)).toEqual({ subject: "kim", roles: ["admin"] })
  await expect(authenticator.identify(`Bearer ${await provider.issue({ aud: "another" })}`)).rejects.toThrow("claim aud")
})

test("with an identity provider a token made with the secret is refused", async () => {
  const provider = await createProvider()
  const authenticator = createAuthenticator({ ...provider.env, HANOK_SECRET: secret })
  const own = await signUserToken(secret, customer, 60, { issuer: "https://id.example", audience: "shop" })
  await expect(authenticator.identify(`Bearer ${own}`)).rejects.toThrow("algorithm is not allowed")
})

test("when the provider's keys cannot be had, the fault is UNAVAILABLE and not the token's", async () => {
  const provider = await createProvider()
  const token = await provider.issue({ aud: "shop" })
  await provider.close()
  const error: unknown = await Promise.resolve(createAuthenticator(provider.env).identify(`Bearer ${token}`)).catch(
    (thrown: unknown) => thrown,
  )
  expect(isFault(error, "UNAVAILABLE") && error.message).toContain("the issuer's keys at 127.0.0.1")
})

async function createProvider() {
  const { publicKey, privateKey } = await generateKeyPair("ES256")
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" }] })
  const server = createServer((_, response) => response.setHeader("content-type", "application/json").end(jwks))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  // `address()` is an AddressInfo for a server that listens on TCP.
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(close)
  return {
    close,
    env: { HANOK_JWKS_URL: `http://127.0.0.1:${port}/jwks`, HANOK_JWT_ISSUER: "https://id.example", HANOK_JWT_AUDIENCE: "shop" },
    issue: (claims: { aud: string }) =>
      new SignJWT({ roles: ["admin"], sub: "kim", iss: "https://id.example", ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "1" })
        .setExpirationTime("1h")
        .sign(privateKey),
  }
}
