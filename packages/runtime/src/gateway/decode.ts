import { Fault } from "@hanok/contract"
import type { HttpBinding, HttpParts } from "@hanok/contract"
import type { FastifyRequest } from "fastify"
import { HttpProblem } from "./http-problem.ts"
import { unsafeFieldOf } from "./unsafe-field.ts"

/**
 * How an operation's input comes out of a request. It is not validated yet, but holds nothing that hurts:
 * throws a `Fault` `INVALID_INPUT` for names and text in path or query that are not safe to pass on, and an `HttpProblem` for a
 * path in which a field has no text.
 */
export function decoderOf(binding: HttpBinding): (request: FastifyRequest, body: unknown) => unknown {
  const hasPath = binding.pathFields.length > 0
  return (request, body) => {
    // Fastify's router and query parser give text, or lists of text, by name.
    const { params, query } = request as { params: HttpParts["path"]; query: HttpParts["query"] }
    if (hasPath) checkPath(params, request)
    if (binding.hasBody) return binding.decode({ path: params, query: {}, body })
    checkText(query, request)
    return binding.decode({ path: params, query, body: undefined })
  }
}

function checkPath(params: HttpParts["path"], request: FastifyRequest): void {
  // Fastify takes nothing between two slashes for a text, and the end of `/orders/` for that of `/orders/{orderId}`.
  for (const name in params) if (params[name] === "") throw new HttpProblem("NOT_FOUND", `The path has no text for ${name}.`)
  checkText(params, request)
}

function checkText(values: object, { raw }: FastifyRequest): void {
  // What cannot hold such a name (of which any letter may be encoded) or character is not searched for it; almost every URL ends here.
  if (!/__proto__|%(?:00|5f|70|72|6f|74|ed)/i.test(raw.url ?? "")) return
  const unsafe = unsafeFieldOf({ ...values })
  if (unsafe) throw new Fault("INVALID_INPUT", `The URL is not accepted: ${unsafe.field} ${unsafe.message}.`, { issues: [unsafe] })
}
