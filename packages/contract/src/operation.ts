import { callSite } from "./call-site.ts"
import type { Carries, InputOf, OutputOf, Schema } from "./schema.ts"

/**
 * Who may call an operation from outside.
 * `public`: anyone. `signed-in`: whoever carries a valid token. `{ anyOf }`: whoever's token has one of the roles.
 * Calls from another module are allowed by `uses`, whatever stands here.
 */
export type Access = "public" | "signed-in" | { readonly anyOf: readonly string[] }

/** What is shed first when a service is overloaded: `low`, then `normal`, then `high`. */
export type Priority = "low" | "normal" | "high"

/** Method and path template, for example `GET /orders/{orderId}/gifts`; names in braces are fields of the input. */
export type HttpRoute = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`

/** A business "no" that is part of the contract, with the HTTP status it has at the gateway. */
export interface RefusalDeclaration<S extends Schema = Schema> {
  readonly schema: S
  /** 400 to 499; 409 when not given. */
  readonly status: number
}

export type RefusalDeclarations = Readonly<Record<string, RefusalDeclaration>>
type RefusalInputs = Readonly<Record<string, Schema | RefusalDeclaration>>
type Declared<R extends RefusalInputs> = {
  readonly [Code in keyof R]: R[Code] extends RefusalDeclaration<infer S>
    ? RefusalDeclaration<S>
    : R[Code] extends Schema
      ? RefusalDeclaration<R[Code]>
      : never
}

interface OperationOptions<I extends Schema, O extends Schema, R extends RefusalInputs, H extends HttpRoute | undefined> {
  readonly input: I
  readonly output: O
  /** The business "no"s, by code in CAPITALS. */
  readonly refusals?: R
  /** Without it the operation is not reachable through the gateway. */
  readonly http?: H
  /** `signed-in` when not given. */
  readonly access?: Access
  /**
   * The longest this operation may take, in milliseconds, up to five minutes (300 000); a caller's deadline can only shorten it.
   * 10 000 when not given.
   */
  readonly timeoutMs?: number
  /** Of the requests that come in through it, with all that is called for them; see `docs/concepts/resilience.md`. `normal` when not given. */
  readonly priority?: Priority
  /**
   * How often a call that failed may be repeated by the caller's side, within its deadline: a query, or a command with an
   * idempotency key, when the callee was out of reach or overloaded. 3 when not given; 0 turns it off.
   */
  readonly retries?: number
  /** The input field whose equal values go to the same replica as long as that is well: for caches, not for correctness. */
  readonly affinity?: string
  /** One sentence for readers of the generated documents. */
  readonly summary?: string
}

/** `affinity` names a field that there is. */
interface ByField<I extends Schema> {
  readonly affinity?: keyof InputOf<I> & string
}

/** Those that are given without `refusal()`, which asks for it itself. */
interface RefusingInJson<R extends RefusalInputs> {
  readonly refusals?: { readonly [Code in keyof R]: R[Code] extends Schema ? Carries<OutputOf<R[Code]>> : unknown }
}

interface Hedging {
  /**
   * When there is no answer after so many milliseconds, another replica is asked too, and the first answer counts. Set it to
   * what nineteen of twenty calls stay below. Not done when not given.
   */
  readonly hedgeAfterMs?: number
}

interface OperationBase<I extends Schema, O extends Schema, R extends RefusalDeclarations, H extends HttpRoute | undefined> {
  readonly input: I
  readonly output: O
  readonly refusals: R
  readonly http: H
  readonly access: Access
  readonly timeoutMs: number
  readonly priority: Priority
  readonly retries: number
  readonly affinity: string | undefined
  /** Always undefined for a command. */
  readonly hedgeAfterMs: number | undefined
  readonly summary: string | undefined
  readonly definedAt: string | undefined
}

/** Reads; may be retried and hedged. */
export interface Query<
  I extends Schema = Schema,
  O extends Schema = Schema,
  R extends RefusalDeclarations = RefusalDeclarations,
  H extends HttpRoute | undefined = HttpRoute | undefined,
> extends OperationBase<I, O, R, H> {
  readonly kind: "query"
}

/** Changes something; repeated only with an idempotency key, and then applied once. */
export interface Command<
  I extends Schema = Schema,
  O extends Schema = Schema,
  R extends RefusalDeclarations = RefusalDeclarations,
  H extends HttpRoute | undefined = HttpRoute | undefined,
> extends OperationBase<I, O, R, H> {
  readonly kind: "command"
}

/** A fact, in the past tense. */
export interface Event<S extends Schema = Schema> {
  readonly kind: "event"
  readonly payload: S
  /** The payload field whose equal values are delivered in order; without it there is no order. */
  readonly orderedBy: string | undefined
  readonly summary: string | undefined
  readonly definedAt: string | undefined
}

export type Operation = Query | Command
export type Declaration = Operation | Event

const defaultTimeoutMs = 10_000
const defaultRetries = 3

/**
 * Declares an operation that reads.
 * @example
 * query({ input: z.object({ orderId: z.string() }), output: z.array(Gift), http: "GET /orders/{orderId}/gifts" })
 */
export function query<I extends Schema, O extends Schema, const R extends RefusalInputs = {}, H extends HttpRoute | undefined = undefined>(
  options: OperationOptions<I & Carries<InputOf<I>>, O & Carries<OutputOf<O>>, R, H> &
    ByField<NoInfer<I>> &
    RefusingInJson<NoInfer<R>> &
    Hedging,
): Query<I, O, Declared<NoInfer<R>>, NoInfer<H>> {
  return { kind: "query", ...operation<I, O, R, H>(options, options.hedgeAfterMs) }
}

/**
 * Declares an operation that changes something. Its handler is the use case.
 * @example
 * command({ input: z.object({ giftId: z.string() }), output: Gift, refusals: { GIFT_EXPIRED: z.object({ expiredAt: z.iso.datetime() }) } })
 */
export function command<
  I extends Schema,
  O extends Schema,
  const R extends RefusalInputs = {},
  H extends HttpRoute | undefined = undefined,
>(
  options: OperationOptions<I & Carries<InputOf<I>>, O & Carries<OutputOf<O>>, R, H> & ByField<NoInfer<I>> & RefusingInJson<NoInfer<R>>,
): Command<I, O, Declared<NoInfer<R>>, NoInfer<H>> {
  return { kind: "command", ...operation<I, O, R, H>(options) }
}

/**
 * Declares a fact that other modules may listen to.
 * @example
 * event(z.object({ giftId: z.string(), orderId: z.string() }), { orderedBy: "giftId" })
 */
export function event<S extends Schema>(
  payload: S & Carries<OutputOf<S>>,
  options: { readonly orderedBy?: keyof OutputOf<S> & string; readonly summary?: string } = {},
): Event<S> {
  return { kind: "event", payload, orderedBy: options.orderedBy, summary: options.summary, definedAt: callSite() }
}

/** Declares a refusal whose HTTP status is not 409. */
export function refusal<S extends Schema>(schema: S & Carries<OutputOf<S>>, options: { readonly status: number }): RefusalDeclaration<S> {
  return { schema, status: options.status }
}

function operation<I extends Schema, O extends Schema, R extends RefusalInputs, H extends HttpRoute | undefined>(
  options: OperationOptions<I, O, R, H>,
  hedgeAfterMs?: number,
) {
  return {
    input: options.input as I,
    output: options.output as O,
    refusals: declared(options.refusals) as Declared<R>,
    // `H` is undefined where no route is given.
    http: options.http as H,
    access: options.access ?? "signed-in",
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    priority: options.priority ?? "normal",
    retries: options.retries ?? defaultRetries,
    affinity: options.affinity,
    hedgeAfterMs,
    summary: options.summary,
    definedAt: callSite(2),
  }
}

function declared(refusals: RefusalInputs = {}): RefusalDeclarations {
  return Object.fromEntries(
    Object.entries(refusals).map(([code, value]) => [code, "~standard" in value ? { schema: value, status: 409 } : value]),
  )
}
