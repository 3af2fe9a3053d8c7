import { hkdfSync } from "node:crypto"
import { wrongSetting } from "@hanok/contract"

const shortestSecret = 16

/**
 * A key of its own for each purpose, derived from the environment's secret (HKDF with SHA-256, RFC 5869), so that what is
 * signed for one is worth nothing for another. Throws when the secret is too short to be one.
 */
export function secretKey(secret: string, purpose: string): Uint8Array {
  if (secret.length < shortestSecret) {
    throw wrongSetting(
      `HANOK_SECRET has ${secret.length} characters; it needs at least ${shortestSecret}. Make one with: openssl rand -hex 32`,
    )
  }
  return new Uint8Array(hkdfSync("sha256", secret, "", purpose, 32))
}
