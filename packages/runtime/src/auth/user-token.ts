import { Fault } from "@hanok/contract"
import type { Identity } from "@hanok/contract"
import type { errors, JWTPayload } from "jose"
import { secretKey } from "./secret-key.ts"

/** What a valid token says. */
export interface UserToken {
  readonly identity: Identity
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** jose's kinds of error. Whoever verifies has loaded it; a process that meets no token never does. */
export type JoseErrors = typeof errors

export interface TokenExpectations {
  readonly issuer?: string
  readonly audience?: string
}

/** In characters. */
export const longestToken = 8192
const algorithm = "HS256"
/** An issuer's clock may be ahead: a token that it has just signed, to be good from then on (`nbf`), is none of the future. */
export const aheadSeconds = 30
const longestSubject = 255
const mostRoles = 100
const expired = "it has expired"

/** The key for users' tokens. Throws when the secret is too short to be one. */
export function userTokenKey(secret: string): Uint8Array {
  return secretKey(secret, "hanok-user-token")
}

/**
 * A JSON Web Token (RFC 7519, HS256) for that user: claims `sub`, `roles`, `iat`, `exp`, and `iss` and `aud` where expected.
 * Rejects when it would not be accepted, because the subject or the roles are too long or too many.
 * @example
 * const token = await signUserToken(secret, { subject: "customer-7", roles: ["customer"] }, 3600)
 */
export async function signUserToken(
  secret: string,
  identity: Identity,
  expiresInSeconds: number,
  expectations: TokenExpectations = {},
): Promise<string> {
  const checked = identityOf(identity.subject, identity.roles)
  if (typeof checked === "string") throw unmakeable(checked)
  const { SignJWT } = await import("jose")
  const token = new SignJWT({ roles: [...identity.roles] })
    .setProtectedHeader({ alg: algorithm, typ: "JWT" })
    .setSubject(identity.subject)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + expiresInSeconds)
  if (expectations.issuer !== undefined) token.setIssuer(expectations.issuer)
  if (expectations.audience !== undefined) token.setAudience(expectations.audience)
  const signed = await token.sign(userTokenKey(secret))
  if (signed.length > longestToken) throw unmakeable(`it would have ${signed.length} characters, more than ${longestToken}`)
  return signed
}

/** Who the token speaks for. Rejects with a `Fault` `UNAUTHENTICATED` that says what is wrong with it. */
export async function verifyUserToken(secret: string, token: string, expectations: TokenExpectations = {}): Promise<UserToken> {
  return verifyWithKey(userTokenKey(secret), token, expectations)
}

/** The same, with a key that was derived before. */
export async function verifyWithKey(key: Uint8Array, token: string, expectations: TokenExpectations = {}): Promise<UserToken> {
  const { errors, jwtVerify } = await import("jose")
  try {
    const options = { algorithms: [algorithm], requiredClaims: ["sub", "exp"], clockTolerance: aheadSeconds, ...expectations }
    const { payload } = await jwtVerify(token, key, options)
    return userTokenOf(payload)
  } catch (error) {
    throw tokenFault(errors, error)
  }
}

/** The user that verified claims name. Throws `UNAUTHENTICATED` when they are not of the expected form. */
export function userTokenOf(claims: JWTPayload): UserToken {
  const { sub, exp, roles = [] } = claims
  const identity = identityOf(sub, roles)
  if (typeof identity === "string") throw unauthenticated(identity)
  if (typeof exp !== "number") throw unauthenticated("its claim exp must be a number")
  // What jose lets pass for `nbf` it lets pass for this, too.
  if (exp * 1000 <= Date.now()) throw unauthenticated(expired)
  return { identity, expiresAt: exp * 1000 }
}

/** The fault for what jose threw; anything that is not the token's own fault stays what it is. */
export function tokenFault(errors: JoseErrors, error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return unauthenticated(expired)
  if (error instanceof errors.JWTClaimValidationFailed) return unauthenticated(`its claim ${error.claim} is not as expected`)
  if (error instanceof errors.JWSSignatureVerificationFailed) return unauthenticated("its signature is not valid")
  if (error instanceof errors.JOSEAlgNotAllowed) return unauthenticated("its algorithm is not allowed")
  if (error instanceof errors.JOSEError) return unauthenticated("it is not a JSON Web Token of this application")
  return error
}

export function unauthenticated(reason: string): Fault {
  return new Fault("UNAUTHENTICATED", `The token was not accepted: ${reason}.`)
}

function unmakeable(reason: string): Error {
  return new Error(`No token can be made for that user: ${reason}.`)
}

/** Who claims name, or what is wrong with them. */
function identityOf(sub: unknown, roles: unknown): Identity | string {
  if (typeof sub !== "string" || sub === "" || sub.length > longestSubject) {
    return `its claim sub must be a string of 1 to ${longestSubject} characters`
  }
  if (!isRoles(roles)) return `its claim roles must be an array of at most ${mostRoles} strings`
  return { subject: sub, roles }
}

function isRoles(roles: unknown): roles is readonly string[] {
  return Array.isArray(roles) && roles.length <= mostRoles && roles.every((role) => typeof role === "string")
}
