import type { Command } from "commander"
import { CliError, messageOf } from "../cli-error.ts"
import { print } from "../print.ts"

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
      print(await sign(name, options))
    })
}

async function sign(name: string, { uses, user, roles, days }: TokenOptions): Promise<string> {
  const secret = process.env["HANOK_SECRET"]
  if (!secret) throw new CliError("HANOK_SECRET is not set.", "In development it is in .hanok/secret: HANOK_SECRET=$(cat .hanok/secret)", 2)
  const validForSeconds = secondsOf(days)
  if (!user && listOf(uses).length === 0)
    throw new CliError("The token would allow nothing.", "Name contracts with --uses, or make a user's token with --user.", 2)
  if (user && process.env["HANOK_JWKS_URL"])
    throw new CliError("HANOK_JWKS_URL is set: the gateway takes users' tokens of that provider only.", "Get one there.", 2)
  // Loaded here, so that no other command waits for it.
  const { expectationsOf, signServiceToken, signUserToken, verifyUserToken } = await import("@hanok/runtime")
  try {
    if (!user) return await signServiceToken({ secret, identity: { name, modules: [], uses: listOf(uses) }, validForSeconds })
    // The gateway of this environment asks for these.
    const expectations = expectationsOf(process.env)
    const token = await signUserToken(secret, { subject: name, roles: listOf(roles) }, validForSeconds, expectations)
    await verifyUserToken(secret, token, expectations)
    return token
  } catch (error) {
    // A secret that is too short to be one, a name that no gateway accepts.
    throw new CliError(messageOf(error), "", 2)
  }
}

function secondsOf(days: string): number {
  const seconds = Math.round(Number(days) * 86_400)
  if (seconds >= 1 && Number.isSafeInteger(seconds)) return seconds
  throw new CliError(`--days is "${days}".`, "It takes a number of days, of which at least a second is left.", 2)
}

function listOf(text = ""): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
}
