import type { Attributes } from "@hanok/contract"
import type { Settings } from "./settings.ts"

/** How a statement appears as a span. */
export interface Statement {
  readonly name: string
  readonly attributes: Attributes
}

/** The span of a statement, by its text. Values are never part of the text: they are parameters. */
export type Describe = (text: string) => Statement

const remembered = 2_000

/**
 * Names and attributes by the semantic conventions for database spans:
 * https://opentelemetry.io/docs/specs/semconv/db/postgresql/
 */
export function createDescribe({ database, schema, server }: Settings): Describe {
  const [address = "", port = ""] = server.split(/:(?=\d+$)/)
  const common = {
    "db.system.name": "postgresql",
    "db.namespace": `${database}|${schema}`,
    "server.address": address,
    "server.port": Number(port),
  }
  const known = new Map<string, Statement>()
  return (text) => {
    const existing = known.get(text)
    if (existing) return existing
    if (known.size >= remembered) known.clear()
    const statement = describe(text, common)
    known.set(text, statement)
    return statement
  }
}

function describe(text: string, common: Attributes): Statement {
  const operation = /[a-z]+/i.exec(text)?.[0].toUpperCase() ?? "QUERY"
  // What is sent along with a transaction's bounds does not name them.
  const bound = ["BEGIN", "COMMIT", "ROLLBACK"].includes(operation)
  const table = bound ? undefined : /\b(?:from|into|update)\s+"?(\w+)"?/i.exec(text)?.[1]
  const attributes = { ...common, "db.operation.name": operation, "db.query.text": text }
  if (table === undefined) return { name: operation, attributes }
  return { name: `${operation} ${table}`, attributes: { ...attributes, "db.collection.name": table } }
}
