import { Fault, isFault, wrongSetting } from "@hanok/contract"
import type { Identity, Logger } from "@hanok/contract"
import type { createRemoteJWKSet, ExportedJWKSCache, JWTPayload, JWTVerifyOptions, jwtVerify } from "jose"
import { frozenIdentity } from "../context/frozen-identity.ts"
import { messageOf } from "../error-text.ts"
import { RecentMap } from "./recent-map.ts"
import { expectationsOf } from "./token-issuer.ts"
import type { JoseErrors, TokenExpectations } from "./user-token.ts"
import { aheadSeconds, longestToken, tokenFault, unauthenticated, userTokenKey, userTokenOf, verifyWithKey } from "./user-token.ts"

/** Finds out who a request from outside speaks for. */
export interface Authenticator {
  /**
   * The identity behind an `Authorization` header; `undefined` without one. An identity that was verified lately is
   * given at once, any other in a promise, which rejects with a `Fault` `UNAUTHENTICATED` (or `UNAVAILABLE`, when
   * the issuer's keys cannot be had). A header that is no bearer token throws `UNAUTHENTICATED`.
   * `connection` is what the request came by: who comes again by the same is known sooner.
   */
  identify(authorization: string | undefined, connection?: Connection): Identity | undefined | Promise<Identity>
}

const lastSeen = Symbol("the last token that came by it")

/** Any object that stands for a connection; the authenticator keeps a note on it. */
type Connection = object & { [lastSeen]?: { readonly authorization: string; readonly user: KnownUser } }

/** Who a token speaks for. */
interface KnownUser {
  readonly identity: Identity
  /** When that was found out; this and the next in milliseconds since the epoch. */
  readonly foundAt: number
  /** Until the token expires, or has to be looked at again. */
  readonly isGoodUntil: number
}

type Env = Readonly<Record<string, string | undefined>>
type Verify = (token: string) => Promise<Omit<KnownUser, "foundAt">>

/** Decoders pass over blanks: one token could be written, and would be remembered, in as many ways as one likes. */
const form = /^[\w-]+\.[\w-]+\.[\w-]+$/
/** Tokens remembered as verified; a few hundred bytes each. */
const rememberedTokens = 10_000
/** A key that its issuer takes back stops working after this time at the latest. */
const keysAreGoodMs = 5 * 60_000
const issuerTimeoutMs = 3_000
// A token of these algorithms is signed with a private key: what is published to verify it cannot sign.
const publicKeyAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]

/**
 * Reads how to verify tokens from the environment: `HANOK_SECRET` for those that the application issues itself, or
 * `HANOK_JWKS_URL` with `HANOK_JWT_ISSUER` and `HANOK_JWT_AUDIENCE` for those of an identity provider.
 * Throws, naming the variable, when neither is complete. `log` is told, once, that the provider's keys cannot be had, and why.
 */
export function createAuthenticator(env: Env, log?: Logger): Authenticator {
  const verify = verifierOf(env, log)
  const verified = new RecentMap<string, KnownUser>(rememberedTokens / 2)

  async function check(token: string): Promise<Identity> {
    if (!form.test(token)) throw unauthenticated("it is not a JSON Web Token of this application")
    const { identity, isGoodUntil } = await verify(token)
    const user = { identity: frozenIdentity(identity), foundAt: Date.now(), isGoodUntil }
    verified.set(token, user)
    return user.identity
  }

  return {
    identify(authorization, connection) {
      if (authorization === undefined) return undefined
      // Comparing a token is quicker than looking it up.
      const last = connection?.[lastSeen]
      if (last?.authorization === authorization && isStillGood(last.user)) return last.user.identity
      const token = tokenOf(authorization)
      const user = verified.get(token)
      if (user === undefined) return check(token)
      if (!isStillGood(user)) {
        verified.delete(token)
        return check(token)
      }
      if (connection) connection[lastSeen] = { authorization, user }
      return user.identity
    },
  }
}

// By a clock that was set back it would be good for longer, for as much as that.
function isStillGood({ foundAt, isGoodUntil }: KnownUser): boolean {
  const time = Date.now()
  return time >= foundAt && time < isGoodUntil
}

function tokenOf(authorization: string): string {
  const scheme = authorization.slice(0, 7)
  if (scheme !== "Bearer " && scheme.toLowerCase() !== "bearer ") throw unauthenticated("the Authorization header must be: Bearer <token>")
  const token = authorization.slice(7)
  if (token.length > longestToken) throw unauthenticated(`it has ${token.length} characters, more than ${longestToken}`)
  return token
}

function verifierOf(env: Env, log: Logger | undefined): Verify {
  if (env["HANOK_JWKS_URL"]) return issuerVerifier(env["HANOK_JWKS_URL"], expectationsOf(env), log)
  const secret = env["HANOK_SECRET"]
  if (!secret) {
    throw wrongSetting("Set HANOK_SECRET (make one with: openssl rand -hex 32), or HANOK_JWKS_URL, so that the gateway can verify tokens.")
  }
  const key = userTokenKey(secret)
  const expectations = expectationsOf(env)
  return async (token) => {
    const { identity, expiresAt } = await verifyWithKey(key, token, expectations)
    return { identity, isGoodUntil: expiresAt }
  }
}

// Without an audience, tokens that the same provider issued for other programs would be let in.
function issuerVerifier(jwksUrl: string, expectations: TokenExpectations, log: Logger | undefined): Verify {
  if (!URL.canParse(jwksUrl)) throw wrongSetting(`HANOK_JWKS_URL is not a URL: ${jwksUrl}`)
  if (!expectations.issuer || !expectations.audience) {
    throw wrongSetting(
      "HANOK_JWKS_URL is set: set HANOK_JWT_ISSUER and HANOK_JWT_AUDIENCE as well, so that tokens for other programs are refused.",
    )
  }
  let keys: IssuerKeys | undefined
  // jose notes here when it got the keys: a token is known no longer than the key that it was verified with.
  const got: ExportedJWKSCache = { uat: 0, jwks: { keys: [] } }
  const { origin, pathname } = new URL(jwksUrl)
  const url = `${origin}${pathname}`
  /** Which keys were the last ones when it was told that there are no others; a token of a known key says nothing of that. */
  let toldAt: number | undefined
  const options = { algorithms: publicKeyAlgorithms, requiredClaims: ["sub", "exp"], clockTolerance: aheadSeconds, ...expectations }
  return async (token) => {
    const jose = await import("jose")
    // Keys from a time to come: the clock was set back, and until then jose would ask for no others.
    if (got.uat > Date.now()) {
      got.uat = 0
      keys = undefined
    }
    keys ??= jose.createRemoteJWKSet(new URL(jwksUrl), {
      timeoutDuration: issuerTimeoutMs,
      cacheMaxAge: keysAreGoodMs,
      [jose.jwksCache]: got,
    })
    try {
      const { identity, expiresAt } = userTokenOf(await payloadOfNew(jose.jwtVerify, jose.errors, token, keys, options))
      if (toldAt !== undefined && toldAt !== got.uat) {
        toldAt = undefined
        log?.info("the issuer's keys can be had again", { url })
      }
      return { identity, isGoodUntil: Math.min(expiresAt, got.uat + keysAreGoodMs) }
    } catch (error) {
      const fault = issuerFault(jose.errors, error, jwksUrl)
      if (isFault(fault, "UNAVAILABLE") && toldAt !== got.uat) {
        toldAt = got.uat
        log?.warn("the issuer's keys cannot be had; tokens that need them are turned away", { url, reason: reasonOf(error) })
      }
      throw fault
    }
  }
}

type IssuerKeys = ReturnType<typeof createRemoteJWKSet>
type Payload = (
  verify: typeof jwtVerify,
  errors: JoseErrors,
  token: string,
  keys: IssuerKeys,
  options: JWTVerifyOptions,
) => Promise<JWTPayload>

// A new key is missed by its name. One that has none, or that of the key before, is not: the token looks forged until keys are asked for.
const payloadOfNew: Payload = async (verify, errors, token, keys, options) => {
  try {
    return await payloadOf(verify, errors, token, keys, options)
  } catch (error) {
    const isOfNone = error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey
    if (!isOfNone || keys.coolingDown) throw error
    await keys.reload()
    return payloadOf(verify, errors, token, keys, options)
  }
}

// Keys need not have names, and then a token does not say which one it was signed with (RFC 7517, section 4.5).
const payloadOf: Payload = async (verify, errors, token, keys, options) => {
  try {
    return (await verify(token, keys, options)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      const verified = await verify(token, key, options).catch((wrong: unknown) => {
        if (!(wrong instanceof errors.JWSSignatureVerificationFailed)) throw wrong
      })
      if (verified) return verified.payload
    }
    throw new errors.JWKSNoMatchingKey()
  }
}

function issuerFault(errors: JoseErrors, error: unknown, jwksUrl: string): unknown {
  if (error instanceof errors.JWKSNoMatchingKey) return unauthenticated("its key is not one of the issuer's")
  // jose throws its base class for a bad answer of the issuer, and what fetch threw when there was none.
  const isIssuersFault =
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    (error instanceof Error && (error.constructor === errors.JOSEError || error instanceof TypeError))
  if (!isIssuersFault) return tokenFault(errors, error)
  return new Fault("UNAVAILABLE", `The token cannot be verified: the issuer's keys at ${new URL(jwksUrl).host} cannot be had.`, {
    cause: error,
    retryAfterMs: 5_000,
  })
}

// What fetch throws says only that it failed; why is in its cause.
function reasonOf(error: unknown): string {
  return (error instanceof Error && error.cause instanceof Error && messageOf(error.cause)) || messageOf(error)
}
