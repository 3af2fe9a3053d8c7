import { createHmac } from "node:crypto"
import { secretKey } from "../auth/secret-key.ts"

/** A short digest of an input, equal for equal inputs of one schema. */
export type Fingerprint = (input: unknown) => string

/**
 * Digests with a key (HMAC, RFC 2104) that is derived from the environment's secret: whoever reads a journal and does not know
 * it cannot try out what an input may have been, a password for one. Without a secret there is no such protection. After a
 * change of the secret a command that is repeated under its key looks like another one.
 */
export function createFingerprint(secret: string | undefined): Fingerprint {
  const key = secret ? secretKey(secret, "hanok-input-fingerprint") : ""
  return (input) =>
    createHmac("sha256", key)
      .update(JSON.stringify(input) ?? "")
      .digest("base64url")
      .slice(0, 22)
}
