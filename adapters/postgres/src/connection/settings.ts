import { createHash, createHmac } from "node:crypto"
import { wrongSetting } from "@hanok/contract"
import type { AdapterHost } from "@hanok/contract"
import { escapeIdentifier } from "pg"

/** Who connects to what on behalf of a module. */
export interface Settings {
  readonly module: string
  /** The schema that is the module's own; its name is the module's. */
  readonly schema: string
  readonly database: string
  /** For the logs and messages; without any password. */
  readonly server: string
  /** May make roles and schemas. Holds a password. */
  readonly ownerUrl: string
  /** The module's own login. */
  readonly role: string
  readonly password: string
  /** Logs in as the module's role. Holds a password. */
  readonly moduleUrl: string
}

/** What a module's login relies on, beside its schema as the search path. */
export const loginSettings = {
  // Whatever the database's own default is: what keeps the outbox in order relies on it.
  default_transaction_isolation: "read committed",
  // In which days and times can be read.
  datestyle: "ISO",
  // After how many seconds the server asks whether a client on whose line nothing comes is still there: by itself it does after two hours,
  // and until then those of a machine that is gone take the place of others.
  tcp_keepalives_idle: "30",
  tcp_keepalives_interval: "10",
} as const

/** The longest name of anything in PostgreSQL, in bytes (NAMEDATALEN - 1). */
const longestName = 63

/**
 * Each module logs in as a role of its own. Its password is derived from `HANOK_SECRET`, or from the owner's password
 * where there is no secret, so that all replicas know it and nobody has to keep it.
 */
export function settingsOf({ module, env }: Pick<AdapterHost, "module" | "env">, url: string | undefined): Settings {
  const owner = parseUrl(module, url ?? env["DATABASE_URL"])
  const database = decodeURIComponent(owner.pathname.slice(1)) || decodeURIComponent(owner.username)
  const role = nameWithin(`hanok_${database}_${module}`)
  const password = createHmac("sha256", env["HANOK_SECRET"] || owner.password || owner.href)
    .update(`postgres role ${role}`)
    .digest("base64url")
  // pg leaves alone what need not be escaped in a whole URL: `%26` is no `&` for it.
  owner.pathname = `/${encodeURI(database)}`
  const moduleUrl = new URL(owner)
  moduleUrl.username = encodeURIComponent(role)
  moduleUrl.password = password
  // They would count in place of the limits that each connection is known to have.
  for (const limit of ["statement_timeout", "query_timeout"]) moduleUrl.searchParams.delete(limit)
  const schema = nameWithin(module)
  const options = moduleUrl.searchParams.get("options") || env["PGOPTIONS"]
  if (options) moduleUrl.searchParams.set("options", overruled(options, schema))
  const { searchParams: given } = owner
  const server = `${given.get("host") || owner.hostname}:${given.get("port") || owner.port || "5432"}`
  return { module, schema, database, server, ownerUrl: owner.href, role, password, moduleUrl: moduleUrl.href }
}

// They would count in place of what the module's role is set to; of two the later one counts. Not where there are none: not everything
// that stands between us and PostgreSQL takes any.
function overruled(options: string, schema: string): string {
  const settings = Object.entries({ search_path: escapeIdentifier(schema), ...loginSettings })
  return [options, ...settings.map(([name, value]) => `-c ${name}=${value.replaceAll(/[\s\\]/g, "\\$&")}`)].join(" ")
}

function parseUrl(module: string, text: string | undefined): URL {
  const form = "postgres://user:password@host:5432/database"
  if (text === undefined || text === "") {
    throw wrongSetting(
      `The module ${module} keeps its data in PostgreSQL, and DATABASE_URL is not set. Set it to ${form}, with a user who may create roles and schemas.`,
    )
  }
  if (/^\w+:\/\/(?:[^/?#]*@)?[^/?#@]*,[^/?#@]*(?:[/?#]|$)|[?&]host=[^&#]*(?:,|%2c)/i.test(text)) {
    throw wrongSetting(
      `DATABASE_URL, needed by the module ${module}, names several hosts. Name one: a name or a proxy that leads to the server that takes changes.`,
    )
  }
  // Where the parameters name the host, such as the folder of a socket, there need be none in front for libpq; a URL needs one.
  const whole = text.trim().replace(/^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)(?=\/[^?#]*\?(?:.*&)?host=)/, "$1localhost")
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  if (url && saysUnknownSsl(url)) {
    throw wrongSetting(
      `DATABASE_URL, needed by the module ${module}, has an \`ssl\` that is none of true, 1, 0 and no-verify. Say it by sslmode: disable, verify-full or no-verify.`,
    )
  }
  if (url && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== "" && isReadable(url)) return withUserInFront(url)
  // The text itself stays out of the message: it may hold a password.
  throw wrongSetting(`DATABASE_URL, needed by the module ${module}, is not a URL of PostgreSQL. Write it as ${form}.`)
}

// pg would take any other text for the settings of a handshake, in the middle of which it would throw. Beside `sslmode` it does not count.
function saysUnknownSsl({ searchParams: given }: URL): boolean {
  return !given.get("sslmode") && !["", "true", "1", "0", "no-verify"].includes(given.get("ssl") ?? "")
}

// Where a URL names its user among the parameters, those are what counts. There they would also count for the module's own login.
function withUserInFront(url: URL): URL {
  for (const [parameter, part] of [
    ["user", "username"],
    ["password", "password"],
  ] as const) {
    const value = url.searchParams.get(parameter)
    if (value) url[part] = encodeURIComponent(value)
    url.searchParams.delete(parameter)
  }
  return url
}

function isReadable({ username, pathname }: URL): boolean {
  try {
    return decodeURIComponent(username + pathname) !== ""
  } catch {
    return false
  }
}

function nameWithin(name: string): string {
  if (Buffer.byteLength(name) <= longestName) return name
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 12)
  const start = Buffer.from(name).subarray(0, longestName - digest.length - 1)
  // Of a character that was cut through nothing stays: its replacement would be longer than what was left of it.
  return `${start.toString().replace(/\ufffd+$/, "")}_${digest}`
}
