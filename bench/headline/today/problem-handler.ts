import { trace } from "@opentelemetry/api"
import { isFault, isRefusal, problemMediaType, problemOf } from "@hanok/contract"
import type { RefusalDeclarations } from "@hanok/contract"
import type { FastifyReply, FastifyRequest } from "fastify"

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the operation behind the route may refuse. */
    readonly refusals?: RefusalDeclarations
  }
}

/** Answers errors with problem documents (RFC 9457). */
export function problemHandler(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (!isFault(error) && !isRefusal(error)) request.log.error({ error }, "a request failed")
  const traceId = trace.getActiveSpan()?.spanContext().traceId ?? ""
  const problem = problemOf(error, traceId, request.routeOptions.config.refusals)
  void reply.code(problem.status).type(problemMediaType).send(JSON.stringify(problem))
}
