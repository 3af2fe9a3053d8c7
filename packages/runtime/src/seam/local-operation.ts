import { isFault, isRefusal, Refusal } from "@hanok/contract"
import type { Fault, Json, Outcome } from "@hanok/contract"
import type { CallContext } from "../context/call-context.ts"
import type { Scope, Waiter } from "../context/scope.ts"
import type { Fingerprint } from "../host/fingerprint.ts"
import type { OncePerKey } from "../host/once-per-key.ts"
import type { Parse } from "../parse/index.ts"
import type { Boundary } from "./boundary.ts"
import { createSent } from "./outgoing.ts"
import type { Sent } from "./outgoing.ts"

/** An operation of a module that lives in this process, ready to be called. */
export interface LocalOperation {
  readonly boundary: Boundary
  /**
   * Calls the handler with `context`, a context made for this call. Parses input and output, applies keyed commands once,
   * and rejects with a `Refusal` or a `Fault` only, at the latest when the context's scope ends.
   */
  invoke(input: unknown, context: CallContext): Promise<unknown>
}

/** What a handler returns is an output, or something that is waited for. */
export type AnyHandler = (input: unknown, context: CallContext) => unknown

export function createLocalOperation(boundary: Boundary, handler: AnyHandler, once: OncePerKey, fingerprint: Fingerprint): LocalOperation {
  const { parseInput, parseOutput, declaration } = boundary
  const sent = createSent(declaration)
  const target = { boundary, parseInput, parseOutput, handler, once, fingerprint, sent, isCommand: declaration.kind === "command" }
  return { boundary, invoke: (input, context) => invoke(target, input, context) }
}

interface Target {
  readonly boundary: Boundary
  readonly parseInput: Parse
  readonly parseOutput: Parse
  readonly handler: AnyHandler
  readonly once: OncePerKey
  readonly fingerprint: Fingerprint
  readonly sent: Sent
  readonly isCommand: boolean
}

// A handler that returns its output at once cannot be interrupted: nothing has to wait for the end of its scope.
// One `try` and little besides, on purpose: the engine then makes one piece of code of all that a call does.
function invoke(target: Target, input: unknown, context: CallContext): Promise<unknown> {
  let step: Step = "begin"
  try {
    const { stopped } = context
    if (stopped !== undefined) throw stopped
    const parsed = target.parseInput(input)
    const key = target.isCommand && context.request.mayComeAgain ? context.idempotencyKey : undefined
    if (key !== undefined) return whenDone(target, context, runOnce(target, context, input, parsed, key), true)
    step = "handle"
    const returned = target.handler(parsed, context)
    if (isPromise(returned)) return whenDone(target, context, returned, false)
    step = "answer"
    const output = target.parseOutput(returned)
    context.end()
    return Promise.resolve(output)
  } catch (error) {
    return Promise.reject(endWith(target, context, step === "begin" ? error : thrownAt(step, target, context, error)))
  }
}

/** What a call was doing when something was thrown. */
type Step = "begin" | "handle" | "answer"

function thrownAt(step: Step, target: Target, context: CallContext, error: unknown): unknown {
  if (step === "handle") return errorOut(target, context, error)
  if (isFault(error)) context.failed(error, error)
  return error
}

// What it throws is what the caller is to see.
function outputOf({ parseOutput }: Target, context: CallContext, returned: unknown): unknown {
  try {
    return parseOutput(returned)
  } catch (error) {
    if (isFault(error)) context.failed(error, error)
    throw error
  }
}

// What the journal keeps is what the caller gets: the output parsed, a refusal checked. A repetition gets it as this version declares it.
function runOnce(target: Target, context: CallContext, input: unknown, parsed: unknown, key: string): Promise<unknown> {
  const { boundary, once, fingerprint, sent } = target
  return once.run({
    contract: boundary.contract,
    operation: boundary.operation,
    key,
    fingerprint: fingerprint(boundary.operation, sent(input, parsed, context.kind === "server")),
    scope: context.scope,
    context,
    run: () => handled(target, context, parsed),
    asDeclared: (kept) => asDeclared(target, kept),
  })
}

// One that does not fit is given as it was kept: what it tells of is done, and whoever was built against that version can read it.
// So is one that the schema makes something else of: it has done so once, before it was kept.
function asDeclared({ boundary, parseOutput }: Target, kept: Outcome): Outcome {
  try {
    if (kept.kind === "output") {
      const output = parseOutput(kept.output) as Json | undefined
      return agree(kept.output, output) ? { kind: "output", output } : kept
    }
    const refused = boundary.errorOut(new Refusal(boundary.contract, boundary.operation, kept.code, kept.details))
    if (!isRefusal(refused)) return kept
    const details = refused.details as Json
    return agree(kept.details, details) ? { ...kept, details } : kept
  } catch {
    return kept
  }
}

/** Whether two values are equal in all that both have. */
function agree(one: Json | undefined, other: Json | undefined): boolean {
  if (!isObject(one) || !isObject(other)) return one === other
  if (Array.isArray(one) !== Array.isArray(other)) return false
  if (Array.isArray(one) && one.length !== other["length"]) return false
  return Object.entries(one).every(([name, value]) => !Object.hasOwn(other, name) || agree(value, other[name]))
}

function isObject(value: Json | undefined): value is Json & Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null
}

async function handled(target: Target, context: CallContext, parsed: unknown): Promise<unknown> {
  let output: unknown
  try {
    output = await target.handler(parsed, context)
  } catch (error) {
    throw errorOut(target, context, error)
  }
  return outputOf(target, context, output)
}

function isPromise(returned: unknown): returned is PromiseLike<unknown> {
  return typeof returned === "object" && returned !== null && typeof (returned as Partial<PromiseLike<unknown>>).then === "function"
}

function errorOut({ boundary }: Target, context: CallContext, error: unknown): Refusal | Fault {
  const out = boundary.errorOut(error)
  if (!isRefusal(out) && out !== error) context.failed(out, error)
  return out
}

// What neither is came from the journal.
function endWith(target: Target, context: CallContext, error: unknown): Refusal | Fault {
  const out = isFault(error) || isRefusal(error) ? error : errorOut(target, context, error)
  context.end(out)
  return out
}

/** The outcome of what `returned` brings, or the end of the context's scope if that comes first. `isFinal`: parsed and checked already. */
function whenDone(target: Target, context: CallContext, returned: PromiseLike<unknown>, isFinal: boolean): Promise<unknown> {
  const promise = new Promise(takeSettlers)
  new LocalCall(target, context, isFinal, resolveTaken, rejectTaken).follow(returned)
  return promise
}

// The promise's functions are taken by one function that is made once, for a call makes as little as it can.
let resolveTaken: (output: unknown) => void
let rejectTaken: (error: unknown) => void

function takeSettlers(resolve: (output: unknown) => void, reject: (error: unknown) => void): void {
  resolveTaken = resolve
  rejectTaken = reject
}

/** One call under way: it settles once, by its handler or by the end of its scope, and then ends its span. */
class LocalCall implements Waiter {
  readonly #target: Target
  readonly #context: CallContext
  readonly #isFinal: boolean
  readonly #resolve: (output: unknown) => void
  readonly #reject: (error: unknown) => void
  #settled = false
  waitsIn: Scope | undefined = undefined
  previousWaiter: Waiter | undefined = undefined
  nextWaiter: Waiter | undefined = undefined

  constructor(
    target: Target,
    context: CallContext,
    isFinal: boolean,
    resolve: (output: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#target = target
    this.#context = context
    this.#isFinal = isFinal
    this.#resolve = resolve
    this.#reject = reject
  }

  follow(returned: PromiseLike<unknown>): void {
    this.#context.scope.add(this)
    try {
      // Also when it has been stopped by now, so that no rejection is left without anyone who hears of it.
      returned.then(
        (output) => this.#succeed(output),
        (error: unknown) => this.#handlerFailed(error),
      )
    } catch (error) {
      // Of something that can be waited for, but is no promise.
      this.#handlerFailed(error)
    }
  }

  stop(fault: Fault): void {
    if (this.#settled) return
    this.#settled = true
    this.#fail(fault)
  }

  #succeed(output: unknown): void {
    if (this.#settled) return
    this.#settled = true
    try {
      const parsed = this.#isFinal ? output : outputOf(this.#target, this.#context, output)
      this.#context.scope.delete(this)
      this.#context.end()
      this.#resolve(parsed)
    } catch (error) {
      this.#fail(error)
    }
  }

  #handlerFailed(error: unknown): void {
    if (this.#settled) return
    this.#settled = true
    this.#fail(this.#isFinal ? error : errorOut(this.#target, this.#context, error))
  }

  #fail(error: unknown): void {
    this.#context.scope.delete(this)
    this.#reject(endWith(this.#target, this.#context, error))
  }
}
