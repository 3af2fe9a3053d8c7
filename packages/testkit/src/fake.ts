import { defineModule, Fault, operationsOf } from "@hanok/contract"
import type {
  Contract,
  Handler,
  HandlerContext,
  HandlerInput,
  HandlerOutput,
  Identity,
  Module,
  OperationName,
  RefusalsOf,
} from "@hanok/contract"

/** How a fake answers: for each operation that the test needs, the output, or a refusal thrown as a handler throws it. */
export type Answers<C extends Contract> = {
  readonly [Op in OperationName<C>]?: (
    input: HandlerInput<C["declarations"][Op]>,
    context: HandlerContext<RefusalsOf<C["declarations"][Op]>>,
  ) => HandlerOutput<C["declarations"][Op]> | Promise<HandlerOutput<C["declarations"][Op]>>
}

/** A call that a fake got. */
export type FakeCall<C extends Contract> = {
  readonly [Op in OperationName<C>]: {
    readonly operation: Op
    /** As a handler gets it: parsed, with defaults. */
    readonly input: HandlerInput<C["declarations"][Op]>
    readonly identity: Identity | undefined
    readonly idempotencyKey: string | undefined
  }
}[OperationName<C>]

/** A module that stands in for a neighbour. */
export interface Fake<C extends Contract = Contract> extends Module {
  readonly contract: C
  /** The calls it got, the first one first. A keyed command that is repeated is one call. */
  readonly calls: readonly FakeCall<C>[]
  /** Adds answers, or replaces those given before. */
  answer(answers: Answers<C>): void
}

/**
 * Stands in for the module behind a contract. Its inputs and outputs are parsed by the contract like those of the real
 * one, so an answer that the contract does not declare fails. An operation without an answer fails with `UNAVAILABLE`
 * and a message that says so.
 * @example
 * const orders = fake(orderContract, {
 *   orderOf: ({ orderId }, context) => {
 *     if (orderId === "gone") throw context.refusal("ORDER_UNKNOWN", {})
 *     return { orderId, state: "PAID" }
 *   },
 * })
 */
export function fake<C extends Contract>(contract: C, answers: Answers<C> = {}): Fake<C> {
  const calls: FakeCall<C>[] = []
  // The mapped types say which answer belongs to which operation; here they are looked up by name.
  const known = new Map<string, AnyAnswer>(Object.entries(answers) as [string, AnyAnswer][])
  const handlers = operationsOf(contract).map(([name]) => {
    const handler = async (input: unknown, context: HandlerContext) => {
      const { identity, idempotencyKey } = context
      calls.push({ operation: name, input, identity, idempotencyKey } as unknown as FakeCall<C>)
      const answer = known.get(name)
      if (!answer) throw notFaked(contract, name, [...known.keys()])
      return answer(input, context)
    }
    return [name, () => handler] as const
  })
  const module = defineModule({
    contract,
    owner: "testkit",
    // One handler for each operation of the contract, by construction.
    handlers: Object.fromEntries(handlers) as Record<string, () => Handler<Contract, never>>,
  } as Parameters<typeof defineModule>[0])
  return {
    ...module,
    contract,
    calls,
    answer(more) {
      for (const [name, answer] of Object.entries(more)) known.set(name, answer as AnyAnswer)
    },
  }
}

type AnyAnswer = (input: unknown, context: HandlerContext) => unknown

function notFaked({ name }: Contract, operation: string, faked: readonly string[]): Fault {
  const others = faked.length === 0 ? "nothing is" : `only ${faked.join(", ")} is`
  return new Fault(
    "UNAVAILABLE",
    `${name}.${operation} is not faked (${others}): give fake(${name}Contract, { ${operation}: ... }) an answer for it.`,
  )
}
