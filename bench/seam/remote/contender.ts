import type { Order, OrderInput } from "../work.ts"

export type Call = (input: OrderInput) => Promise<Order>

/** One way of calling from one process to another on the same machine. */
export interface RemoteContender {
  /** Starts the callee in this process; returns what `connect` needs to find it. */
  serve(): Promise<string>
  /** In another process: connects, and gives `work` the call to make. Resolves when the work is done. */
  within(address: string, work: (call: Call) => Promise<void>): Promise<void>
}
