import { isFault, isRefusal } from "@hanok/contract"
import type { Fault, Journal, Refusal } from "@hanok/contract"
import type { CallContext } from "../context/call-context.ts"
import type { Scope, Waiter } from "../context/scope.ts"
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
    invoke(input, context) {
      const promise = new Promise(takeSettlers)
      new LocalCall(target, context, resolveTaken, rejectTaken).begin(input)
      return promise
    },
  }
}

// The promise's functions are taken by one function that is made once, for a call makes as little as it can.
let resolveTaken: (output: unknown) => void
let rejectTaken: (error: unknown) => void

function takeSettlers(resolve: (output: unknown) => void, reject: (error: unknown) => void): void {
  resolveTaken = resolve
  rejectTaken = reject
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
  waitsIn: Scope | undefined = undefined
  previousWaiter: Waiter | undefined = undefined
  nextWaiter: Waiter | undefined = undefined

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
      if (key === undefined) {
        this.#run(parsed).then(
          (output) => this.#parseAndSucceed(output),
          (error: unknown) => this.#handlerFailed(error),
        )
      } else {
        this.#runOnce(parsed, key).then(
          (output) => this.#succeed(output),
          (error: unknown) => this.#fail(error),
        )
      }
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
      context: this.#context,
      run: () =>
        this.#run(parsed).then(boundary.parseOutput, (error: unknown) => {
          throw this.#out(error)
        }),
    })
  }

  #parseAndSucceed(output: unknown): void {
    if (this.#settled) return
    try {
      this.#succeed(this.#target.boundary.parseOutput(output))
    } catch (error) {
      this.#fail(error)
    }
  }

  #succeed(output: unknown): void {
    if (this.#settled) return
    this.#settle(undefined)
    this.#resolve(output)
  }

  #handlerFailed(error: unknown): void {
    if (!this.#settled) this.#fail(this.#out(error))
  }

  #fail(error: unknown): void {
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
