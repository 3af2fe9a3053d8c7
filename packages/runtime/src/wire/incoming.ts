import type { ClientHello } from "./contract-book.ts"
import type { CallMessage, TargetMessage } from "./message.ts"

/*
 * What a peer sends, looked at before anything is done with it. Whoever connects has a token, which says who he is, and not that he
 * keeps to the rules. Each of these throws when it is not what it should be.
 */

/** In characters, of a module, a contract or an operation. */
const longestName = 1_024

export function listOf(body: unknown): readonly unknown[] {
  if (!Array.isArray(body)) throw new Error("a frame without messages")
  return body
}

const callFields = 13

export function callOf(message: unknown): CallMessage {
  if (!Array.isArray(message) || message.length !== callFields || !Number.isInteger(message[0]) || !isTimeAndTrace(message)) {
    throw new Error("a call that is none")
  }
  const [, , , , , , , , , subject, roles, key] = message
  if (!isTextOrNone(subject) || !isTextOrNone(key) || !isRolesOrNone(roles)) throw new Error("a call for nobody who could be")
  // The rest is looked at where it is used: the target by its number, the input by the operation's schema.
  return message as unknown as CallMessage
}

// Numbers that JavaScript has no number for come as something else, which whoever records the call could not bear.
function isTimeAndTrace(message: readonly unknown[]): boolean {
  for (let index = 2; index <= 8; index++) if (typeof message[index] !== "number") return false
  return true
}

function isTextOrNone(value: unknown): boolean {
  return value === null || value === undefined || typeof value === "string"
}

function isRolesOrNone(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.every((role) => typeof role === "string"))
}

export function targetOf(body: unknown): TargetMessage {
  const [number, kind, caller, contract, operation, subscriber, priority, wantsJson, passedOn] = listOf(body)
  const isOne = typeof number === "number" && (kind === "call" || kind === "event") && isPriorityOrNone(priority)
  // Of a call there is one target for each operation; one for each of any texts would be remembered for good.
  const isForAny = kind === "call" && (subscriber ?? "") !== ""
  if (!isOne || isForAny || ![caller, contract, operation, subscriber ?? ""].every(isName)) throw new Error("a target that is none")
  return [number, kind, caller, contract, operation, subscriber, priority, wantsJson === true, passedOn === true] as TargetMessage
}

// They stay for as long as the connection does.
function isName(name: unknown): boolean {
  return typeof name === "string" && name.length <= longestName
}

function isPriorityOrNone(value: unknown): boolean {
  return value === undefined || value === null || value === "low" || value === "normal" || value === "high"
}

export function helloOf(body: unknown): ClientHello {
  if (
    typeof body !== "object" ||
    body === null ||
    !("contracts" in body) ||
    typeof body.contracts !== "object" ||
    body.contracts === null
  ) {
    throw new Error("a greeting that is none")
  }
  return body as ClientHello
}
