import { fileURLToPath } from "node:url"

/** What is started: Node's arguments, and how it is told its port. */
export interface Contender {
  readonly name: "hanok" | "fastify" | "fastify_cached"
  readonly args: readonly string[]
  readonly env: (port: number) => Readonly<Record<string, string>>
}

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const secret = "a secret for this benchmark alone, 32 characters"

export const contenders: readonly Contender[] = [
  {
    // As a container runs it. TypeScript as it is written: nothing is built before.
    name: "hanok",
    args: [pathOf("../../packages/cli/bin/hanok.mjs"), "serve", "main", "--config", pathOf("../../examples/hello/hello.ts")],
    env: (port) => ({ HANOK_SECRET: secret, HANOK_GATEWAY_PORT: String(port), NODE_ENV: "production" }),
  },
  { name: "fastify", args: [pathOf("fastify.mjs")], env: (port) => ({ PORT: String(port), NODE_ENV: "production" }) },
  { name: "fastify_cached", args: [pathOf("fastify-cached.mjs")], env: (port) => ({ PORT: String(port), NODE_ENV: "production" }) },
]
