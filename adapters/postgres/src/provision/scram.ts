import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto"

const iterations = 4_096
const saltBytes = 16
const hashBytes = 32

/**
 * What PostgreSQL keeps of a password (RFC 5803, SCRAM-SHA-256). It is taken in the password's place, and so that stands in no statement,
 * which servers may write into their logs. For passwords in ASCII: others would have to be normalised first.
 */
export function scramVerifier(password: string): string {
  const salt = randomBytes(saltBytes)
  const salted = pbkdf2Sync(password, salt, iterations, hashBytes, "sha256")
  const keyOf = (purpose: string) => createHmac("sha256", salted).update(purpose).digest()
  const storedKey = createHash("sha256").update(keyOf("Client Key")).digest("base64")
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${keyOf("Server Key").toString("base64")}`
}
