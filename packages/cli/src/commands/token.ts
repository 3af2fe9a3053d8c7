import type { Command } from "commander"
import { CliError } from "../cli-error.ts"

interface TokenOptions {
  readonly uses?: string
  readonly user?: boolean
  readonly roles?: string
  readonly days: string
}

export function addToken(program: Command): void {
  program
    .command("token")
    .argument("<name>", "the program, or with --user the user's id")
    .description("sign a token for a program in any language, or for a user")
    .option("--uses <contracts>", "the contracts that the program may call, separated by commas")
    .option("--user", "a user's token, for the gateway")
    .option("--roles <roles>", "the user's roles, separated by commas")
    .option("--days <days>", "how long it is valid", "30")
    .addHelpText("after", "\nExample: HANOK_SECRET=... hanok token report --uses order,payment")
    .action(async (name: string, options: TokenOptions) => {
      process.stdout.write(`${await sign(name, options)}\n`)
    })
}

async function sign(name: string, { uses, user, roles, days }: TokenOptions): Promise<string> {
  const secret = process.env["HANOK_SECRET"]
  if (!secret) throw new CliError("HANOK_SECRET is not set.", "In development it is in .hanok/secret: HANOK_SECRET=$(cat .hanok/secret)", 2)
  const validForSeconds = Number(days) * 86_400
  if (!(validForSeconds > 0)) throw new CliError(`--days is "${days}".`, "It takes a number of days.", 2)
  // Loaded here, so that no other command waits for it.
  const { signServiceToken, signUserToken } = await import("@hanok/runtime")
  if (user) return signUserToken(secret, { subject: name, roles: listOf(roles) }, Math.round(validForSeconds))
  if (listOf(uses).length === 0)
    throw new CliError("The token would allow nothing.", "Name contracts with --uses, or make a user's token with --user.", 2)
  return signServiceToken({ secret, identity: { name, modules: [], uses: listOf(uses) }, validForSeconds: Math.round(validForSeconds) })
}

function listOf(text = ""): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
}
