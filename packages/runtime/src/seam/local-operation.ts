import { isFault, isRefusal } from "@hanok/contract"
import type { Fault, Journal, Refusal } from "@hanok/contract"
import type { CallContext } from "../context/call-context.ts"
import type { Waiter } from "../context/scope.ts"
import { fingerprintOfInput, once } from "../host/once.ts"
import type { Boundary } from "./boundary.ts"

/** An operation of a module that lives in this process, ready to be called. */
export interface LocalOperation {
  readonly boundary: Boundary
  /**
   * Calls the handler with `context`, a context made for this call. Parses input and output, applies keyed commands once,
   * and rejects with a `Refusal` or a `Fault` only, at the latest when the context's scope ends.
   */
  invoke(input: unknown, context: CallContext): Promise<unknown>
}

export type AnyHandler = (input: unknown, context: CallContext) => Promise<unknown>

export function createLocalOperation(boundary: Boundary, handler: AnyHandler, journal: Journal): LocalOperation {
  const target = { boundary, handler, journal, isCommand: boundary.declaration.kind === "command" }
  return {
    boundary,
    invoke: (input, context) => new Promise((resolve, reject) => new LocalCall(target, context, resolve, reject).begin(input)),
  }
}

interface Target {
  readonly boundary: Boundary
  readonly handler: AnyHandler
  readonly journal: Journal
  readonly isCommand: boolean
}

/** One call under way: it settles once, by its handler or by the end of its scope, and then ends its span. */
class LocalCall implements Waiter {
  readonly #target: Target
  readonly #context: CallContext
  readonly #resolve: (output: unknown) => void
  readonly #reject: (error: unknown) => void
  #settled = false

  constructor(target: Target, context: CallContext, resolve: (output: unknown) => void, reject: (error: unknown) => void) {
    this.#target = target
    this.#context = context
    this.#resolve = resolve
    this.#reject = reject
  }

  begin(input: unknown): void {
    this.#context.scope.add(this)
    if (this.#settled) return
    try {
      const parsed = this.#target.boundary.parseInput(input)
      const key = this.#target.isCommand ? this.#context.idempotencyKey : undefined
      if (key === undefined) this.#run(parsed).then(this.#parseAndSucceed, this.#handlerFailed)
      else this.#runOnce(parsed, key).then(this.#succeed, this.#fail)
    } catch (error) {
      this.#fail(error)
    }
  }

  stop(fault: Fault): void {
    this.#settle(fault)
    this.#reject(fault)
  }

  #run(parsed: unknown): Promise<unknown> {
    try {
      return this.#target.handler(parsed, this.#context)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  // What the journal keeps is what the caller gets: the output parsed, a refusal checked.
  #runOnce(parsed: unknown, key: string): Promise<unknown> {
    const { boundary, journal } = this.#target
    return once(journal, {
      contract: boundary.contract,
      operation: boundary.operation,
      key,
      fingerprint: fingerprintOfInput(parsed),
      scope: this.#context.scope,
      run: () =>
        this.#run(parsed).then(boundary.parseOutput, (error: unknown) => {
          throw this.#out(error)
        }),
    })
  }

  readonly #parseAndSucceed = (output: unknown): void => {
    if (this.#settled) return
    try {
      this.#succeed(this.#target.boundary.parseOutput(output))
    } catch (error) {
      this.#fail(error)
    }
  }

  readonly #succeed = (output: unknown): void => {
    if (this.#settled) return
    this.#settle(undefined)
    this.#resolve(output)
  }

  readonly #handlerFailed = (error: unknown): void => {
    if (!this.#settled) this.#fail(this.#out(error))
  }

  readonly #fail = (error: unknown): void => {
    if (this.#settled) return
    const out = isFault(error) || isRefusal(error) ? error : this.#out(error)
    if (isFault(out, "INVALID_OUTPUT")) this.#context.failed(out, error)
    this.#settle(out)
    this.#reject(out)
  }

  #out(error: unknown): Refusal | Fault {
    const out = this.#target.boundary.errorOut(error)
    if (!isRefusal(out) && out !== error) this.#context.failed(out, error)
    return out
  }

  #settle(out: Error | undefined): void {
    this.#settled = true
    this.#context.scope.delete(this)
    this.#context.end(out)
  }
}
