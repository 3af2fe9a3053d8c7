import { hkdfSync } from "node:crypto"

/** The key with which the customer module's `tokenIssuer` signs: derived from the environment's secret (HKDF with SHA-256, RFC 5869). */
export function userTokenKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", "hanok-user-token", 32))
}
