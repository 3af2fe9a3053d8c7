import { errorOf, operationsOf } from "@hanok/contract"
import type { CallOptions, Context, Contract, Operation, Problem } from "@hanok/contract"
import type { Pool } from "undici"
import { identityHeaders } from "./identity.ts"
import { zodOf } from "./zod-compilers.ts"

type Call = (input: unknown, context: Context, options?: CallOptions) => Promise<unknown>

/** A client for the service behind a contract: one function for each of its operations, over HTTP with JSON bodies. */
export function createServiceClient(contract: Contract, pool: Pool): Readonly<Record<string, Call>> {
  return Object.fromEntries(operationsOf(contract).map(([name, operation]) => [name, callOf(contract.name, name, operation, pool)]))
}

function callOf(contract: string, name: string, operation: Operation, pool: Pool): Call {
  const path = `/internal/${name}`
  const output = zodOf(operation.output)
  return async (input, { identity }, { timeoutMs = operation.timeoutMs } = {}) => {
    const { statusCode, body } = await pool.request({
      path,
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json", ...identityHeaders(identity) },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(Math.min(timeoutMs, operation.timeoutMs)),
    })
    const answer = await body.json()
    if (statusCode < 400) return output.parse(answer)
    // What is no success is a problem document: the services answer with nothing else.
    throw errorOf(answer as Problem, contract, name)
  }
}
