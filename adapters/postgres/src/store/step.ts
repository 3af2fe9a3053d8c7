import type { Context, Json } from "@hanok/contract"
import type { QueryResult } from "pg"
import type { Session } from "../connection/session.ts"
import { keyText } from "../connection/text.ts"

/** The number of a transaction within the work that is carried out under a key. */
export interface Step {
  readonly key: string
  readonly number: number
}

/** What a step that has committed gave. */
export interface Recorded {
  readonly result: Json | undefined
}

export const stepKeyConstraint = "hanok_step_pkey"

/** `undefined` when the context's work has no key. */
export function stepOf({ idempotencyKey }: Context, number: number | undefined): Step | undefined {
  return idempotencyKey === undefined || number === undefined ? undefined : { key: keyText(idempotencyKey), number }
}

/** For a script: asks for the result of the step. */
export function selectStep(session: Session, step: Step): string {
  return `select result::text from hanok_step where key = ${session.literal(step.key)} and step = ${step.number}`
}

export const selectStepShown = "select result::text from hanok_step where key = ? and step = ?"

/** For a script: keeps the result of the step. Violates `stepKeyConstraint` when another run has kept it first. */
export function insertStep(session: Session, step: Step, result: Json | void): string {
  const text = result === undefined ? "null" : session.literal(JSON.stringify(result))
  return `insert into hanok_step (key, step, result) values (${session.literal(step.key)}, ${step.number}, ${text})`
}

export const insertStepShown = "insert into hanok_step (key, step, result) values (?, ?, ?)"

export function recordedIn(selected: QueryResult | undefined): Recorded | undefined {
  const row = selected?.rows[0]
  if (row === undefined) return undefined
  const text: unknown = row["result"]
  // What was kept is what `JSON.stringify` made of a Json.
  return { result: typeof text === "string" ? (JSON.parse(text) as Json) : undefined }
}
