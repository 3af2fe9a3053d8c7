import type { Order, OrderInput } from "../work.ts"

export type Call = (input: OrderInput) => Promise<Order>

/** One way of calling from one part of a program to another. */
export interface InlineContender {
  readonly name: string
  /** Gives `work` the call to make, within whatever a request is to the contender. */
  within(work: (call: Call) => Promise<void>): Promise<void>
  /** Between the rounds, not measured: what the contender does aside. */
  settle?(): Promise<void>
  close?(): Promise<void>
}
