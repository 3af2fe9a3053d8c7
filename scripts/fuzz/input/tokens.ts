import { createHmac } from "node:crypto"
import { signServiceToken, signUserToken } from "@hanok/runtime"
import type { Random } from "../../../examples/shop/load/random.ts"

/** What an attacker shows as `Authorization`, and whether it proves anything. */
interface Credential {
  readonly header: string | undefined
  readonly isValid: boolean
  /** That it proves. */
  readonly roles: readonly string[]
}

/** Everything that can be shown at the gateway, or at the port of the seams. */
export interface Credentials {
  valid(random: Random): Credential
  worthless(random: Random): Credential
}

export interface TokenMaker {
  readonly secret: string
  /** Somebody whom the shop knows. */
  readonly subject: string
  readonly contracts: readonly string[]
}

const wrongSecret = "0".repeat(64)
const aDay = 24 * 3600

const roles = ["customer", "partner", "admin"]

/** Tokens of users. Those of services, and everything forged, prove nothing here. */
export async function userCredentials({ secret, subject, contracts }: TokenMaker): Promise<Credentials> {
  const good = await signUserToken(secret, { subject, roles }, aDay)
  // Those of fewer roles prove nothing to the operations that ask for another.
  const lesser = await Promise.all(roles.map(async (role) => bearer(await signUserToken(secret, { subject, roles: [role] }, aDay), [role])))
  const service = await signServiceToken({
    secret,
    identity: { name: "order", modules: contracts, uses: contracts },
    validForSeconds: aDay,
  })
  const forged = [
    await signUserToken(wrongSecret, { subject, roles }, aDay),
    await signUserToken(secret, { subject, roles }, -aDay),
    service,
    ...forgeriesOf(good, { sub: subject, roles, exp: farAway() }, secret),
  ]
  const best = bearer(good, roles)
  return {
    valid: (random) => (random.chance(0.8) ? best : (random.pick(lesser) ?? best)),
    worthless: (random) => worthless(forged, good, random),
  }
}

/** Tokens of services and of programs beside them. Those of users, and everything forged, prove nothing here. */
export async function serviceCredentials({ secret, subject, contracts }: TokenMaker): Promise<Credentials> {
  const sign = (modules: readonly string[], uses: readonly string[], by = secret, validForSeconds = aDay) =>
    signServiceToken({ secret: by, identity: { name: "fuzz", modules, uses }, validForSeconds })
  // Most of those who are let in may call everything, so that they get further than to be refused.
  const program = await sign([], contracts)
  const good = [program, await sign(["gateway"], []), ...(await Promise.all(contracts.map((name) => sign([name], []))))]
  const forged = [
    await sign(["gateway"], contracts, wrongSecret),
    await sign(["gateway"], contracts, secret, -aDay),
    await signUserToken(secret, { subject, roles: ["admin"] }, aDay),
    ...forgeriesOf(program, { sub: "gateway", aud: "hanok-seam", modules: ["gateway"], uses: contracts, exp: farAway() }, secret),
  ]
  return {
    valid: (random) => bearer(random.chance(0.7) ? program : (random.pick(good) ?? ""), roles),
    worthless: (random) => worthless(forged, program, random),
  }
}

function farAway(): number {
  return Math.floor(Date.now() / 1_000) + aDay
}

function bearer(token: string, proven: readonly string[]): Credential {
  return { header: `Bearer ${token}`, isValid: proven.length > 0, roles: proven }
}

function worthless(forged: readonly string[], good: string, random: Random): Credential {
  const odd = [
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Bearer a.b.c",
    `Basic ${btoa("admin:admin")}`,
    good,
    `Bearer ${good} ${good}`,
    `Bearer${good}`,
  ]
  if (random.chance(0.3)) return { header: random.pick(odd), isValid: false, roles: [] }
  if (random.chance(0.3)) return bearer(spoilt(good, random), [])
  return bearer(random.pick(forged) ?? "", [])
}

// One character is another one; not the last, of which some bits mean nothing.
function spoilt(token: string, random: Random): string {
  const at = random.between(0, token.length - 3)
  const other = token[at] === "A" ? "B" : "A"
  return token.slice(0, at) + (token[at] === "." ? "-" : other) + token.slice(at + 1)
}

// Without a signature, signed with other algorithms, with the secret itself, or with what was said replaced.
function forgeriesOf(good: string, claims: unknown, secret: string): readonly string[] {
  const [head = "", , signature = ""] = good.split(".")
  const claimed = encoded(claims)
  const hashed = (alg: string, hash: string, key: string) => {
    const body = `${encoded({ alg, typ: "JWT" })}.${claimed}`
    return `${body}.${createHmac(hash, key).update(body).digest("base64url")}`
  }
  return [
    `${encoded({ alg: "none" })}.${claimed}.`,
    `${encoded({ alg: "None" })}.${claimed}.${signature}`,
    `${head}.${claimed}.${signature}`,
    `${head}.${claimed}.`,
    hashed("HS256", "sha256", ""),
    hashed("HS256", "sha256", "secret"),
    hashed("HS256", "sha256", secret),
    hashed("HS512", "sha512", secret),
    `${encoded({ alg: "RS256", jwk: { kty: "oct", k: "AAAA" } })}.${claimed}.${signature}`,
    `${encoded({ alg: "HS256", kid: "../../dev/null" })}.${claimed}.${signature}`,
    `${encoded({ alg: "HS256", crit: ["exp"], b64: false })}.${claimed}.${signature}`,
  ]
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url")
}
