/** What the services under test read: the test's own environment, or what is given in place of it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The environment with what it does not set: a secret that is none, and logs of what goes wrong only. */
export function environmentOf(given: Environment = {}): Environment {
  return { HANOK_SECRET: "a secret for tests, known to all", HANOK_LOG_LEVEL: "warn", ...process.env, ...given }
}
