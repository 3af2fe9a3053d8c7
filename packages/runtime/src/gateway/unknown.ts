import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import type { Door } from "./door.ts"
import { HttpProblem } from "./http-problem.ts"
import { createAllowedMethods } from "./routes.ts"
import type { GatewayRoute } from "./routes.ts"

/** Answers what leads nowhere: 404, or 405 with the methods that the path has. The body is not read. */
export function addUnknown(app: FastifyInstance, door: Door, routes: readonly Pick<GatewayRoute, "method" | "path">[]): void {
  const allowedMethods = createAllowedMethods(routes)
  const refuse = (request: FastifyRequest, reply: FastifyReply) => {
    door.enter(request, reply)
    throw problemOf(request, allowedMethods)
  }
  app.route({ method: app.supportedMethods, url: "*", onRequest: refuse, handler: refuse })
  // Methods that Fastify has no routes for, PROPFIND for one.
  app.setNotFoundHandler(refuse)
}

function problemOf(request: FastifyRequest, allowedMethods: (path: string) => readonly string[]): HttpProblem {
  const { method = "", url = "" } = request.raw
  // A client may name the whole URL, as it does to a proxy (RFC 9112, section 3.2.2).
  const path = url.replace(/^https?:\/\/[^/?#]*/i, "").split("?", 1)[0] ?? ""
  const allowed = allowedMethods(decoded(path))
  if (allowed.length === 0) return new HttpProblem("NOT_FOUND", `There is nothing at ${path.slice(0, 200)}.`)
  return new HttpProblem("METHOD_NOT_ALLOWED", `${path.slice(0, 200)} has ${allowed.join(", ")}, not ${method}.`, {
    headers: { allow: allowed.join(", ") },
  })
}

// As the router reads a path, which has not read it when it knows nothing of the method.
function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}
