import type { CallInput, CallOutput, Contract, OperationName } from "./contract.ts"
import { operationsOf } from "./contract.ts"
import { failureOf, unansweredOf } from "./client-http-failure.ts"
import { Fault } from "./fault.ts"
import { httpBindingOf } from "./http-binding.ts"
import type { HttpBinding } from "./http-binding.ts"
import type { Operation } from "./operation.ts"
import { misreadFieldOf } from "./path-template.ts"

export interface HttpClientOptions {
  /** Where the gateway is, for example `https://api.example.com`; empty for the page's own origin. */
  readonly baseUrl: string
  /** The user's token, or a function that is asked before every call. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>)
  /** `globalThis.fetch` when not given. */
  readonly fetch?: typeof globalThis.fetch
}

export interface HttpCallOptions {
  /** Gives the call up; a command may be carried out nevertheless. */
  readonly signal?: AbortSignal
  /** For a command: repetitions with the same key are applied once. */
  readonly idempotencyKey?: string
  /** How long to wait for the answer, in milliseconds, up to 24 days. Five seconds more than the operation's own time when not given. */
  readonly timeoutMs?: number
}

/** The names of the operations that have a route. */
export type HttpOperationName<C extends Contract> = {
  [Op in OperationName<C>]: C["declarations"][Op] extends { readonly http: string } ? Op : never
}[OperationName<C>]

/** One function for each operation that has a route. */
export type HttpClient<C extends Contract> = {
  readonly [Op in HttpOperationName<C>]: (
    input: CallInput<C["declarations"][Op]>,
    options?: HttpCallOptions,
  ) => Promise<CallOutput<C["declarations"][Op]>>
}

/**
 * A client of the gateway for browsers and other programs, made from the contract. Every function rejects with a `Refusal`
 * (see `refusalOf`) or a `Fault` (see `isFault`), or with what `token` itself rejects with. Nothing is repeated by itself.
 * @example
 * const gifts = createClient(giftContract, { baseUrl: "https://api.example.com", token })
 * await gifts.claimGift({ giftId }, { idempotencyKey: crypto.randomUUID() })
 */
export function createClient<C extends Contract>(contract: C, options: HttpClientOptions): HttpClient<C> {
  const functions = operationsOf(contract).flatMap(([name, operation]) => {
    const binding = httpBindingOf(operation)
    const target = { contract: contract.name, name, operation }
    // An input that may be nothing is one without fields to the gateway, which always makes one of path, query and body.
    const call = (input: Fields = {}, own: HttpCallOptions = {}) =>
      send({ ...target, binding: binding as HttpBinding }, options, input, own)
    return binding ? [[name, call] as const] : []
  })
  // The functions are those that `HttpClient` lists; what each takes and gives is in the contract.
  return Object.fromEntries(functions) as unknown as HttpClient<C>
}

/** One operation of a contract, as a request goes to it. */
export interface HttpTarget {
  readonly contract: string
  readonly name: string
  readonly operation: Operation
  readonly binding: HttpBinding
}

type Fields = Readonly<Record<string, unknown>>

/** The answer's way back comes on top of the time that the operation itself may take. */
const travelMs = 5_000

async function send(target: HttpTarget, options: HttpClientOptions, input: Fields, own: HttpCallOptions): Promise<unknown> {
  const { binding, operation } = target
  const parts = binding.encode(input)
  const url = urlOf(options.baseUrl, target, input)
  const headers = await headersOf(target, options, own, parts.body !== undefined)
  const timeout = AbortSignal.timeout(waitMs(own.timeoutMs ?? Number.NaN, operation))
  const signal = own.signal ? AbortSignal.any([own.signal, timeout]) : timeout
  const body = parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }
  const { fetch = globalThis.fetch } = options
  try {
    const response = await fetch(url, { method: binding.method, headers, signal, ...body })
    if (response.ok) return response.status === 204 ? undefined : await response.json()
    throw await failureOf(response, target)
  } catch (error) {
    throw unansweredOf(error, target, timeout, own.signal)
  }
}

// A signal takes whole milliseconds, and a timer no more than 32 bits of them.
function waitMs(askedMs: number, operation: Operation): number {
  const ms = Number.isNaN(askedMs) ? operation.timeoutMs + travelMs : askedMs
  return Math.ceil(Math.min(Math.max(ms, 0), 2 ** 31 - 1))
}

async function headersOf(
  target: HttpTarget,
  { token }: HttpClientOptions,
  { idempotencyKey }: HttpCallOptions,
  hasBody: boolean,
): Promise<Record<string, string>> {
  const bearer = typeof token === "function" ? await token() : token
  if (bearer !== undefined) checkHeader(target, "token", bearer)
  if (idempotencyKey !== undefined) checkHeader(target, "idempotencyKey", idempotencyKey)
  return {
    accept: "application/json",
    ...(hasBody ? { "content-type": "application/json" } : {}),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
  }
}

// What is in it may be a secret: the message does not tell.
function checkHeader({ contract, name }: HttpTarget, what: "token" | "idempotencyKey", text: string): void {
  try {
    new Headers({ [what]: text })
  } catch {
    throw new Fault("INVALID_INPUT", `${contract}.${name} cannot be called: its ${what} has characters that no header can carry.`)
  }
}

function urlOf(baseUrl: string, target: HttpTarget, input: Fields): string {
  const { binding } = target
  const { path, query } = binding.encode(input)
  const filled = binding.path.replaceAll(/\{([^}]+)\}/g, (_, field: string) => {
    const text = input[field] === undefined ? "" : (path[field] ?? "")
    // A URL's own rules take these away, so that the request would go somewhere else.
    if (!["", ".", ".."].includes(text) && text.isWellFormed()) return encodeURIComponent(text)
    throw uncarried(target, field, text, "path")
  })
  const misread = misreadFieldOf(binding.path, path)
  if (misread !== undefined) throw uncarried(target, misread, path[misread] ?? "", "path")
  const texts = Object.entries(query).flatMap(([field, value]) => [value].flat().map((text) => [field, text] as const))
  for (const [field, text] of texts) if (!text.isWellFormed()) throw uncarried(target, field, text, "query")
  const search = new URLSearchParams(texts.map(([field, text]) => [field, text])).toString()
  return `${baseUrl.replace(/\/$/, "")}${filled}${search === "" ? "" : `?${search}`}`
}

function uncarried({ contract, name, binding }: HttpTarget, field: string, text: string, where: "path" | "query"): Fault {
  const place = where === "path" ? `the path ${binding.path}` : "a query"
  const issues = [{ field: `/${field}`, message: `cannot be ${text === "" ? "empty" : JSON.stringify(text)} in ${place}` }]
  return new Fault("INVALID_INPUT", `${contract}.${name} cannot be called: ${field} ${issues[0]?.message}.`, { issues })
}
