import { cpSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "../../scripts/build/build.ts"

/** What is started: Node's arguments, and how it is told its port. */
export interface Contender {
  readonly name: "hanok" | "hanok_source" | "fastify" | "fastify_cached"
  readonly args: readonly string[]
  readonly env: (port: number) => Readonly<Record<string, string>>
}

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const secret = "a secret for this benchmark alone, 32 characters"
const root = pathOf("../..")
const out = join(root, "build")

/** Makes what `hanok` starts: the packages as they are published, and an app beside them. */
export async function prepare(): Promise<void> {
  await build({ root, out })
  cpSync(join(root, "examples/hello/hello.ts"), join(out, "hello.ts"))
}

/** As a container runs it. */
function hanok(name: Contender["name"], command: string, config: string): Contender {
  return {
    name,
    args: [command, "serve", "main", "--config", config],
    env: (port) => ({ HANOK_SECRET: secret, HANOK_GATEWAY_PORT: String(port), NODE_ENV: "production" }),
  }
}

export const contenders: readonly Contender[] = [
  // As it is installed: the app is TypeScript, Hanok's packages are built, like Fastify's.
  hanok("hanok", join(out, "node_modules/@hanok/cli/bin/hanok.mjs"), join(out, "hello.ts")),
  // As it lies in this repository: all of it is TypeScript.
  hanok("hanok_source", join(root, "packages/cli/bin/hanok.mjs"), join(root, "examples/hello/hello.ts")),
  { name: "fastify", args: [pathOf("fastify.mjs")], env: (port) => ({ PORT: String(port), NODE_ENV: "production" }) },
  { name: "fastify_cached", args: [pathOf("fastify-cached.mjs")], env: (port) => ({ PORT: String(port), NODE_ENV: "production" }) },
]
