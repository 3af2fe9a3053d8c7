import { execFile } from "node:child_process"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"
import { createAuthenticator, verifyUserToken } from "@hanok/runtime"
import { expect, test } from "vitest"

const bin = fileURLToPath(new URL("../../bin/hanok.mjs", import.meta.url))
const secret = "a secret of these tests, long enough"

function token(args: readonly string[], env: Readonly<Record<string, string>> = { HANOK_SECRET: secret }) {
  return new Promise<{ readonly exitCode: unknown; readonly stdout: string; readonly stderr: string }>((resolve) => {
    execFile(process.execPath, [bin, "token", ...args], { cwd: tmpdir(), env }, (error, stdout, stderr) => {
      resolve({ exitCode: error?.code ?? 0, stdout, stderr })
    })
  })
}

test("a user's token says who and what for, as long as it is valid", async () => {
  const { stdout } = await token(["customer-7", "--user", "--roles", "customer, seller", "--days", "0.5"])
  const { identity, expiresAt } = await verifyUserToken(secret, stdout.trim())
  expect(identity).toEqual({ subject: "customer-7", roles: ["customer", "seller"] })
  expect(expiresAt).toBeGreaterThan(Date.now())
})

test("a user's token is one that the gateway of the same environment takes", async () => {
  const env = { HANOK_SECRET: secret, HANOK_JWT_ISSUER: "https://shop.example", HANOK_JWT_AUDIENCE: "shop" }
  const { stdout } = await token(["customer-7", "--user"], env)
  expect(await createAuthenticator(env).identify(`Bearer ${stdout.trim()}`)).toEqual({ subject: "customer-7", roles: [] })
  const elsewhere = await token(["customer-7", "--user"], { ...env, HANOK_JWKS_URL: "https://id.example/keys" })
  expect(elsewhere).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining("HANOK_JWKS_URL is set") })
})

test.each([
  [["x"], "The token would allow nothing."],
  [["x", "--user", "--days", "soon"], '--days is "soon".'],
  [["x", "--user", "--days", "0.000001"], '--days is "0.000001".'],
  [["x", "--uses", "order", "--days", "1e400"], '--days is "1e400".'],
  [["", "--user"], "its claim sub must be a string of 1 to 255 characters"],
])("a token that nobody would accept is not signed: %j", async (args, message) => {
  expect(await token(args)).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(message) })
})

test("a secret that is none is told in a line", async () => {
  expect(await token(["x", "--user"], { HANOK_SECRET: "short" })).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: "hanok: HANOK_SECRET has 5 characters; it needs at least 16. Make one with: openssl rand -hex 32\n",
  })
})
