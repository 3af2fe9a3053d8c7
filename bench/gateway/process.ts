import { answerMessages } from "../harness/child.ts"
import { serveFastify, serveFastifyJwt } from "./fastify.ts"
import { serveHanok } from "./hanok.ts"
import type { Target } from "./load.ts"

const servers: Readonly<Record<string, () => Promise<Target>>> = { hanok: serveHanok, fastify: serveFastify, fastify_jwt: serveFastifyJwt }

answerMessages(() => servers[process.argv[2] ?? ""]?.())
