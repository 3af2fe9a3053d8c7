import { problemMediaType } from "@hanok/contract"
import type { FastifyInstance, FastifyReply } from "fastify"
import type { TraceQuery } from "../store/trace-list.ts"
import { mostTraces } from "../store/trace-list.ts"
import type { Telemetry } from "../telemetry.ts"
import { nanosecondsOf } from "../time.ts"
import { logJson, traceJson } from "./trace-json.ts"

type Values = Readonly<Record<string, string | readonly string[] | undefined>>

/** Answers what the store knows, as JSON; errors are problem documents (RFC 9457). */
export function queryRoutes(app: FastifyInstance, telemetry: Telemetry): void {
  app.setErrorHandler((error: Error & { readonly statusCode?: number }, _request, reply) => {
    if (error instanceof BadQuery) return problem(reply, 400, "INVALID_QUERY", error.message)
    return problem(reply, 503, "UNAVAILABLE", `The store cannot be asked: ${error.message}`)
  })
  app.get("/health", () => ({ status: "live", dropped: telemetry.dropped }))
  app.get<{ Querystring: Values }>("/api/traces", ({ query }) => telemetry.traces(traceQueryOf(query)))
  app.get<{ Params: { traceId: string } }>("/api/traces/:traceId", async ({ params }, reply) => {
    const tree = await telemetry.trace(params.traceId.toLowerCase())
    return tree ? traceJson(tree) : problem(reply, 404, "NOT_FOUND", `No span of the trace ${params.traceId.slice(0, 64)} is known.`)
  })
  app.get<{ Querystring: Values }>("/api/logs", async ({ query }) => {
    const [traceId, limit] = [text(query, "traceId")?.toLowerCase(), number(query, "limit")]
    const lines = await telemetry.logs({ ...(traceId === undefined ? {} : { traceId }), ...(limit === undefined ? {} : { limit }) })
    return lines.map(logJson)
  })
}

/** A wrong query parameter; the message names it. */
class BadQuery extends Error {}

function traceQueryOf(query: Values): TraceQuery {
  const limit = number(query, "limit")
  if (limit !== undefined && (limit < 1 || limit > mostTraces)) throw new BadQuery(`limit is ${limit}; it takes 1 to ${mostTraces}.`)
  const [before, beforeTrace, service, name, minDurationMs] = [
    time(query, "before"),
    text(query, "beforeTrace")?.toLowerCase(),
    text(query, "service"),
    text(query, "name"),
    number(query, "minDurationMs"),
  ]
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(before === undefined ? {} : { before }),
    ...(beforeTrace === undefined ? {} : { beforeTrace }),
    ...(service === undefined ? {} : { service }),
    ...(name === undefined ? {} : { name }),
    ...(minDurationMs === undefined ? {} : { minDurationMs }),
    errorsOnly: text(query, "errors") === "true",
    requestsOnly: text(query, "requests") === "true",
  }
}

function text(query: Values, name: string): string | undefined {
  const value = query[name]
  if (value === undefined || value === "") return undefined
  if (typeof value === "string") return value
  throw new BadQuery(`${name} is given ${value.length} times; once is enough.`)
}

function number(query: Values, name: string): number | undefined {
  const value = text(query, name)
  if (value === undefined) return undefined
  if (/^\d{1,9}(\.\d{1,9})?$/.test(value)) return Number(value)
  throw new BadQuery(`${name} is "${value.slice(0, 40)}"; it takes a number from 0.`)
}

function time(query: Values, name: string): string | undefined {
  const value = text(query, name)
  try {
    if (value !== undefined) nanosecondsOf(value)
    return value
  } catch (error) {
    throw new BadQuery(`${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Answers with a problem document. */
export function problem(reply: FastifyReply, status: number, code: string, detail: string): FastifyReply {
  return reply.code(status).type(problemMediaType).send({ type: "about:blank", title: code, status, detail, code })
}
