import { Fault, wrongSetting } from "@hanok/contract"
import type { AdapterHost } from "@hanok/contract"

/** Where the old system is. */
export interface BaseUrl {
  /** Without user and password. Its path, if it has one, comes before that of each request. */
  readonly url: URL
  /** `user:password` for basic authentication, when the URL names a user. */
  readonly auth: string | undefined
}

/**
 * The address that an environment variable holds. Throws when it holds something else.
 * `undefined` when it is not set: the module then starts, and its calls fail with `notSet`.
 */
export function baseUrlOf({ env, module }: AdapterHost, variable: string): BaseUrl | undefined {
  const text = env[variable]
  if (text === undefined || text === "") return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  // The text itself stays out of the message: it may hold a password.
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw wrongSetting(`${variable}, needed by the module ${module}, is not a URL of HTTP. Write it as http://host:port or https://host.`)
  }
  const auth = authOf(url)
  if (auth === null) {
    throw wrongSetting(`${variable}, needed by the module ${module}, has a user or password that no URL can hold. Write % in it as %25.`)
  }
  url.username = ""
  url.password = ""
  return { url, auth }
}

// `null` when it cannot be read.
function authOf({ username, password }: URL): string | null | undefined {
  if (username === "" && password === "") return undefined
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  } catch {
    return null
  }
}

export function notSet(system: string, variable: string): Fault {
  return new Fault("UNAVAILABLE", `The legacy system ${system} cannot be called: ${variable} is not set.`, {
    hint: `Set ${variable} to where ${system} runs, for example http://127.0.0.1:8080, and start again.`,
  })
}
