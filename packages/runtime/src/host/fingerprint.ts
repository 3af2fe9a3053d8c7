import { hash } from "node:crypto"
import { secretKey } from "../auth/secret-key.ts"

/** A short digest of an operation and its input, as text that is equal for equal inputs. */
export type Fingerprint = (operation: string, input: string) => string

/**
 * Digests with a key that is derived from the environment's secret: whoever reads a journal and does not know it cannot try out
 * what an input may have been, a password for one. Without a secret there is no such protection. After a change of the secret a
 * command that is repeated under its key looks like another one.
 * The key goes before the input, which is enough with SHA-512/256 (FIPS 180-4): nobody can make the digest of a longer text from
 * that of a shorter one. HMAC takes several times as long, most of all in a process that seldom does it.
 */
export function createFingerprint(secret: string | undefined): Fingerprint {
  const key = secret ? Buffer.from(secretKey(secret, "hanok-input-fingerprint")).toString("base64url") : ""
  return (operation, input) => hash("sha512-256", `${key}${operation} ${input}`, "base64url").slice(0, 22)
}
