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

test("of requests that come by one connection each speaks for whom its own token names, and for nobody when that has expired", async () => {
  const authenticator = createAuthenticator({ HANOK_SECRET: secret })
  const [connection, kim] = [{}, { subject: "kim", roles: [] }]
  const [first, second] = await Promise.all([customer, kim].map(async (user) => `Bearer ${await signUserToken(secret, user, 60)}`))
  const identify = async (authorization: string | undefined) => authenticator.identify(authorization, connection)
  for (const [authorization, user] of [[first, customer] as const, [second, kim] as const, [undefined, undefined] as const]) {
    for (let request = 0; request < 3; request++) expect(await identify(authorization)).toEqual(user)
  }
  expect(await identify(first)).toEqual(customer)
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 })
  onTestFinished(() => void vi.useRealTimers())
  await expect(identify(first)).rejects.toThrow("it has expired")
  await expect(identify(first)).rejects.toThrow("it has expired")
})

test("a token is looked at again after five minutes, also on a connection that came by with it: its key may have been taken back", async () => {
  const provider = await createProvider()
  const authenticator = createAuthenticator(provider.env)
  const [connection, authorization] = [{}, `Bearer ${await provider.issue({ aud: "shop" })}`]
  const identify = () => authenticator.identify(authorization, connection)
  await identify()
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 299_000 })
  onTestFinished(() => void vi.useRealTimers())
  for (let request = 0; request < 3; request++) expect(identify()).toMatchObject({ subject: "kim" })
  vi.setSystemTime(Date.now() + 2_000)
  expect(identify()).toBeInstanceOf(Promise)
  expect(await identify()).toMatchObject({ subject: "kim" })
})

test("five minutes after its issuer has taken it back no token of a key is accepted, whenever it was seen first", async () => {
  const provider = await createProvider()
  const authenticator = createAuthenticator(provider.env)
  const issue = async (sub: string) => `Bearer ${await provider.issue({ aud: "shop", sub })}`
  const [kim, lee] = [await issue("kim"), await issue("lee")]
  await authenticator.identify(kim)
  provider.replaceKey(JSON.stringify({ keys: [] }))
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 290_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect(await authenticator.identify(lee)).toMatchObject({ subject: "lee" })
  vi.setSystemTime(Date.now() + 11_000)
  for (const token of [kim, lee]) {
    await expect(Promise.resolve(authenticator.identify(token))).rejects.toThrow("its key is not one of the issuer's")
  }
})

test("after the clock is set back no key is good that its issuer has taken back, and the one in its place is", async () => {
  const [provider, other] = [await createProvider(), await createProvider("2")]
  const authenticator = createAuthenticator(provider.env)
  const [kim, lee] = await Promise.all([provider, other].map(async ({ issue }) => `Bearer ${await issue({ aud: "shop" })}`))
  const right = Date.now()
  vi.useFakeTimers({ toFake: ["Date"], now: right + 1_800_000 })
  onTestFinished(() => void vi.useRealTimers())
  await authenticator.identify(kim)
  provider.replaceKey(other.keys())
  vi.setSystemTime(right)
  await expect(Promise.resolve(authenticator.identify(kim))).rejects.toThrow("its key is not one of the issuer's")
  expect(await authenticator.identify(lee)).toMatchObject({ subject: "kim" })
})

test.each(["Basic dXNlcjpwYXNz", "Bearer", "", "token"])("the header %j is refused", (authorization) => {
  expect(() => createAuthenticator({ HANOK_SECRET: secret }).identify(authorization)).toThrow("must be: Bearer <token>")
})

test("a token of absurd length is refused unread", () => {
  const identify = () => createAuthenticator({ HANOK_SECRET: secret }).identify(`Bearer ${"x".repeat(9000)}`)
  expect(identify).toThrow("9000 characters")
})

test("a token is one as it was issued only, and not with anything in it that a decoder would pass over", async () => {
  const authenticator = createAuthenticator({ HANOK_SECRET: secret })
  const token = await signUserToken(secret, customer, 60)
  for (const other of [`${token}=`, `${token} `, `${token.slice(0, -5)} \t ${token.slice(-5)}`]) {
    await expect(authenticator.identify(`Bearer ${other}`)).rejects.toThrow("it is not a JSON Web Token")
  }
  expect(await authenticator.identify(`Bearer ${token}`)).toEqual(customer)
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

test("an identity provider's clock may be a little ahead: its token is good from the moment on in which it was signed", async () => {
  const provider = await createProvider()
  const nbf = Math.floor(Date.now() / 1_000) + 20
  const identity = await createAuthenticator(provider.env).identify(`Bearer ${await provider.issue({ aud: "shop", nbf })}`)
  expect(identity).toMatchObject({ subject: "kim" })
})

test("with an identity provider a token made with the secret is refused", async () => {
  const provider = await createProvider()
  const authenticator = createAuthenticator({ ...provider.env, HANOK_SECRET: secret })
  const own = await signUserToken(secret, customer, 60, { issuer: "https://id.example", audience: "shop" })
  await expect(authenticator.identify(`Bearer ${own}`)).rejects.toThrow("algorithm is not allowed")
})

test("an identity provider is asked for its keys once, and a token with another key is refused", async () => {
  const [provider, other] = [await createProvider(), await createProvider("2")]
  const authenticator = createAuthenticator(provider.env)
  for (const sub of ["kim", "lee", "park"]) {
    expect(await authenticator.identify(`Bearer ${await provider.issue({ aud: "shop", sub })}`)).toMatchObject({ subject: sub })
  }
  await expect(authenticator.identify(`Bearer ${await other.issue({ aud: "shop" })}`)).rejects.toThrow("its key is not one of the issuer's")
  expect(provider.asked()).toBe(1)
})

test("where neither the provider's keys nor its tokens have names, each of its keys is tried", async () => {
  const keys = await Promise.all([1, 2, 3].map(() => generateKeyPair("ES256")))
  const [published, [, , foreign]] = [keys.slice(0, 2), keys]
  const body = JSON.stringify({ keys: await Promise.all(published.map(({ publicKey }) => exportJWK(publicKey))) })
  const provider = await createProvider("1", { status: 200, body })
  const authenticator = createAuthenticator(provider.env)
  const signedBy = (key: CryptoKey | undefined, aud = "shop") =>
    new SignJWT({ sub: "kim", iss: "https://id.example", aud })
      .setProtectedHeader({ alg: "ES256" })
      .setExpirationTime("1h")
      .sign(key ?? new Uint8Array())
  for (const { privateKey } of published)
    expect(await authenticator.identify(`Bearer ${await signedBy(privateKey)}`)).toMatchObject({ subject: "kim" })
  const refused = async (token: Promise<string>) => {
    const identity = Promise.resolve(authenticator.identify(`Bearer ${await token}`))
    return identity.catch((error: unknown) => isFault(error, "UNAUTHENTICATED") && error.message)
  }
  expect(await refused(signedBy(foreign?.privateKey))).toContain("its key is not one of the issuer's")
  expect(await refused(signedBy(published[1]?.privateKey, "another"))).toContain("claim aud")
})

test.each([
  ["no name", ""],
  ["the name of the one before", "1"],
])("tokens of a new key that has %s are accepted as soon as the provider may be asked again", async (_, kid) => {
  const [provider, other] = [await createProvider(kid), await createProvider(kid)]
  const authenticator = createAuthenticator(provider.env)
  const identify = async (sub: string, by: typeof provider) => authenticator.identify(`Bearer ${await by.issue({ aud: "shop", sub })}`)
  expect(await identify("kim", provider)).toMatchObject({ subject: "kim" })
  provider.replaceKey(other.keys())
  await expect(identify("lee", other)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect(await identify("lee", other)).toMatchObject({ subject: "lee" })
  for (let forged = 0; forged < 3; forged++) await expect(identify("kim", provider)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
  expect(provider.asked()).toBe(2)
})

test.each([
  ["nothing that is understood", 200, "<html>"],
  ["no keys", 200, "{}"],
  ["that it cannot", 503, "{}"],
])("when the provider answers %s, the fault is UNAVAILABLE and not the token's", async (_, status, body) => {
  const provider = await createProvider("1", { status, body })
  const identifying = createAuthenticator(provider.env).identify(`Bearer ${await provider.issue({ aud: "shop" })}`)
  await expect(identifying).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("the issuer's keys at 127.0.0.1"),
  })
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

test("that the provider's keys cannot be had is told once, with the reason, and so is that they can be again", async () => {
  const answer: { status: number } = { status: 503 }
  const provider = await createProvider("1", answer)
  const told: unknown[] = []
  const tell = (...line: unknown[]) => void told.push(line)
  const authenticator = createAuthenticator(provider.env, { debug: tell, info: tell, warn: tell, error: tell })
  const authorization = `Bearer ${await provider.issue({ aud: "shop" })}`
  const identify = async () => authenticator.identify(authorization)
  const url = provider.env.HANOK_JWKS_URL
  const away = [
    "the issuer's keys cannot be had; tokens that need them are turned away",
    { url, reason: expect.stringContaining("200 OK") },
  ]
  for (let request = 0; request < 3; request++) await expect(identify()).rejects.toMatchObject({ code: "UNAVAILABLE" })
  expect(told).toEqual([away])
  answer.status = 200
  for (let request = 0; request < 3; request++) expect(await identify()).toMatchObject({ subject: "kim" })
  expect(told).toEqual([away, ["the issuer's keys can be had again", { url }]])
})

/** `kid` names its key, unless it is empty; `answer` is what it gives in place of its keys. */
async function createProvider(kid = "1", answer?: { readonly status: number; readonly body?: string }) {
  const { publicKey, privateKey } = await generateKeyPair("ES256")
  const named = kid === "" ? {} : { kid }
  let jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...named, alg: "ES256" }] })
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    response.writeHead(answer?.status ?? 200, { "content-type": "application/json" }).end(answer?.body ?? jwks)
  })
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
    asked: () => asked,
    keys: () => jwks,
    replaceKey: (others: string) => void (jwks = others),
    issue: (claims: { aud: string; sub?: string; nbf?: number }) =>
      new SignJWT({ roles: ["admin"], sub: "kim", iss: "https://id.example", ...claims })
        .setProtectedHeader({ alg: "ES256", ...named })
        .setExpirationTime("1h")
        .sign(privateKey),
  }
}
