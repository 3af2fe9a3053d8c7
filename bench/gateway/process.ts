import { answerMessages } from "../harness/child.ts"
import type { Post } from "../harness/load.ts"
import { serveFastify, serveFastifyJwt } from "./fastify.ts"
import { serveHanok } from "./hanok.ts"

const servers: Readonly<Record<string, () => Promise<Post>>> = { hanok: serveHanok, fastify: serveFastify, fastify_jwt: serveFastifyJwt }

/** Serves when it is asked to, and says what processor time it has used, in microseconds. */
answerMessages(({ do: what }: { readonly do: "serve" | "cpu" }) => {
  if (what === "serve") return servers[process.argv[2] ?? ""]?.()
  const { user, system } = process.cpuUsage()
  return user + system
})
