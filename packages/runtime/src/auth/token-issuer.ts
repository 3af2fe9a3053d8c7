import { wrongSetting } from "@hanok/contract"
import type { Adapter, Identity } from "@hanok/contract"
import { signUserToken, userTokenKey } from "./user-token.ts"
import type { TokenExpectations } from "./user-token.ts"

/** Makes the tokens with which users come back to the gateway. */
export interface TokenIssuer {
  /**
   * A JSON Web Token that the gateways of the same environment accept for `expiresInSeconds`. Rejects when they would not, because the
   * subject or the roles are too long or too many.
   */
  issue(identity: Identity, expiresInSeconds: number): Promise<string>
}

/**
 * For a module that signs users in: tokens signed with a key derived from `HANOK_SECRET`.
 * @example
 * defineModule({ contract: customerContract, needs: { tokens: tokenIssuer() }, ... })
 */
export function tokenIssuer(): Adapter<TokenIssuer> {
  return {
    kind: "adapter",
    technology: "jwt",
    async create({ env, log, module }) {
      const secret = env["HANOK_SECRET"]
      if (!secret)
        throw wrongSetting(`The module ${module} issues tokens, for which HANOK_SECRET must be set. Make one with: openssl rand -hex 32`)
      userTokenKey(secret)
      if (env["HANOK_JWKS_URL"]) log.warn("HANOK_JWKS_URL is set: the gateway accepts that issuer's tokens only, none that are issued here")
      return { port: { issue: (identity, expiresInSeconds) => signUserToken(secret, identity, expiresInSeconds, expectationsOf(env)) } }
    },
  }
}

/** What a token must say about where it comes from and for whom it is, as the environment asks for. */
export function expectationsOf(env: Readonly<Record<string, string | undefined>>): TokenExpectations {
  const issuer = env["HANOK_JWT_ISSUER"]
  const audience = env["HANOK_JWT_AUDIENCE"]
  return { ...(issuer ? { issuer } : {}), ...(audience ? { audience } : {}) }
}
