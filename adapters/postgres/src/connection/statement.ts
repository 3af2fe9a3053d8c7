import { createHash } from "node:crypto"
import type { Attributes } from "@hanok/contract"
import type { Settings } from "./settings.ts"

/** What is known of a statement's text. */
export interface Statement {
  /** Of its span. */
  readonly name: string
  readonly attributes: Attributes
  /** Under which name connections prepare it; `undefined` while it is not worth it. */
  prepared: string | undefined
}

export interface Statements {
  /** What is known of a statement, by its text. Values are never part of the text: they are parameters. */
  describe(text: string): Statement
  /** From here on each is prepared anew, under another name: what connections have prepared until now is not used any more. */
  prepareAnew(): void
}

const remembered = 2_000
/**
 * In characters. What is longer has its values in its text, one by one, as inserts of many rows do, and comes again only by chance; prepared,
 * it takes PostgreSQL twenty times its length, on each connection.
 */
const longestRemembered = 8_192
/** Each costs memory on each connection; texts made anew for each call, such as long `in` lists, are never to fill it. */
const mostPrepared = 200

/**
 * Names and attributes by the semantic conventions for database spans:
 * https://opentelemetry.io/docs/specs/semconv/db/postgresql/
 */
export function createStatements({ database, schema, server }: Settings): Statements {
  const [address = "", port = ""] = server.split(/:(?=\d+$)/)
  const common = {
    "db.system.name": "postgresql",
    "db.namespace": `${database}|${schema}`,
    "server.address": address,
    "server.port": Number(port),
  }
  const known = new Map<string, Statement>()
  let [generation, prepared] = [0, 0]
  return {
    describe(text) {
      if (text.length > longestRemembered) return describe(text, common)
      const existing = known.get(text)
      if (existing) {
        // The second time shows that the text comes again.
        if (existing.prepared === undefined && prepared < mostPrepared) {
          prepared++
          existing.prepared = nameOf(generation, text)
        }
        return existing
      }
      if (known.size >= remembered) forgetUnprepared(known)
      const statement = describe(text, common)
      known.set(text, statement)
      return statement
    },
    prepareAnew() {
      ;[generation, prepared] = [generation + 1, 0]
      for (const statement of known.values()) statement.prepared = undefined
    },
  }
}

// By the text: whoever else has prepared something under that name on a connection that turns out to be shared has prepared the same.
function nameOf(generation: number, text: string): string {
  return `hanok_${generation}_${createHash("sha256").update(text).digest("base64url").slice(0, 22)}`
}

function forgetUnprepared(known: Map<string, Statement>): void {
  for (const [text, { prepared }] of known) if (prepared === undefined) known.delete(text)
}

function describe(text: string, common: Attributes): Statement {
  const operation = /[a-z]+/i.exec(text)?.[0].toUpperCase() ?? "QUERY"
  // What is sent along with a transaction's bounds does not name them.
  const bound = ["BEGIN", "COMMIT", "ROLLBACK"].includes(operation)
  const table = bound ? undefined : /\b(?:from|into|update)\s+"?(\w+)"?/i.exec(text)?.[1]
  const attributes = { ...common, "db.operation.name": operation, "db.query.text": text }
  if (table === undefined) return { name: operation, attributes, prepared: undefined }
  return { name: `${operation} ${table}`, attributes: { ...attributes, "db.collection.name": table }, prepared: undefined }
}
