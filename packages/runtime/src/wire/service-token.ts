import { Fault } from "@hanok/contract"
import { secretKey } from "../auth/secret-key.ts"

/** Who is at the other end of a connection, as its signed token says. */
export interface ServiceIdentity {
  /** The service, or a program outside the topology. */
  readonly name: string
  /** The modules it speaks for; a service with the gateway speaks for `gateway` too. */
  readonly modules: readonly string[]
  /** The contracts that a program outside the topology may call. */
  readonly uses: readonly string[]
  /** Whether it is a service, which may pass on calls that it has let in. */
  readonly passesOn?: boolean
  /** The contracts that its modules use in other services, by its own version of the topology. */
  readonly calls?: readonly string[]
}

export interface ServiceTokenOptions {
  /** The environment's secret, shared by its services; at least 16 characters. */
  readonly secret: string
  readonly identity: ServiceIdentity
  /** 60 when not given: services sign a new one for each connection. */
  readonly validForSeconds?: number
}

/** What a caller that the peer speaks for may call as a program; undefined for a module, whose contracts the topology tells. */
export function usesOf({ modules, uses }: ServiceIdentity, caller: string): readonly string[] | undefined {
  return modules.includes(caller) ? undefined : uses
}

/** Whether the peer speaks for that module and uses the contract in its own version, whatever this one knows of it. */
export function declaresUse({ modules, calls }: ServiceIdentity, caller: string, contract: string): boolean {
  return modules.includes(caller) && calls?.includes(contract) === true
}

const audience = "hanok-seam"
const algorithm = "HS256"

/** Signs what a service shows when it connects to another: a JWT (RFC 7519), HMAC with SHA-256. */
export async function signServiceToken({ secret, identity, validForSeconds = 60 }: ServiceTokenOptions): Promise<string> {
  const { SignJWT } = await import("jose")
  const { modules, uses, passesOn, calls } = identity
  return new SignJWT({ modules, uses, ...(passesOn === true && { passesOn }), ...(calls && { calls }) })
    .setProtectedHeader({ alg: algorithm })
    .setSubject(identity.name)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + validForSeconds)
    .sign(keyOf(secret))
}

/** Whom the token of an `Authorization` header names. Rejects with `UNAUTHENTICATED`. */
export async function verifyServiceToken(secret: string, authorization: string | undefined): Promise<ServiceIdentity> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1]
  if (token === undefined) throw unauthenticated("it carries no token")
  const { errors, jwtVerify } = await import("jose")
  try {
    const { payload } = await jwtVerify(token, keyOf(secret), {
      algorithms: [algorithm],
      audience,
      requiredClaims: ["sub", "exp"],
      clockTolerance: 30,
    })
    const passesOn = payload["passesOn"] === true && { passesOn: true }
    const [modules, uses, calls] = [texts(payload["modules"]), texts(payload["uses"]), texts(payload["calls"])]
    return { name: payload.sub ?? "", modules, uses, calls, ...passesOn }
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw expired(Number(error.payload.exp))
    throw unauthenticated(error instanceof Error ? error.message : "its token is not valid")
  }
}

let last: { readonly secret: string; readonly key: Uint8Array } | undefined

function keyOf(secret: string): Uint8Array {
  if (last?.secret !== secret) last = { secret, key: secretKey(secret, "hanok-service-token") }
  return last.key
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : []
}

function expired(exp: number): Fault {
  return unauthenticated(
    `its token expired ${Math.floor(Date.now() / 1000) - exp} s ago by the clock here`,
    "A service signs a token for each connection: the clock of its machine is behind. Other programs get a new one from `hanok token`.",
  )
}

const defaultHint = "Services of one environment share HANOK_SECRET; other programs get a token from `hanok token`."

function unauthenticated(why: string, hint = defaultHint): Fault {
  return new Fault("UNAUTHENTICATED", `The caller is not known: ${why}.`, { hint })
}
