import { randomBytes, scrypt, timingSafeEqual } from "node:crypto"
import { promisify } from "node:util"

const keyBytes = 32
const derive = promisify<string, Buffer, number, Buffer>(scrypt)

/** Salt and key, by scrypt (RFC 7914) with Node's parameters: N 16384, r 8, p 1. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, keyBytes)
  return `scrypt ${salt.toString("base64url")} ${key.toString("base64url")}`
}

/** Whether the hash is of that password. Takes as long for a missing hash, so that its time does not tell who has an account. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, salt = "", key = ""] = (hash ?? nobodysHash).split(" ")
  const expected = Buffer.from(key, "base64url")
  return timingSafeEqual(await derive(password, Buffer.from(salt, "base64url"), keyBytes), expected) && hash !== undefined
}

const nobodysHash = `scrypt ${"A".repeat(22)} ${"A".repeat(43)}`
