import type { Random } from "../../../examples/shop/load/random.ts"
import type { Circumstances, Reaction } from "../judge.ts"

/** What was sent, for the report: enough to see what it was. */
export interface Sent extends Circumstances {
  readonly reaction: Reaction
  readonly description: string
  /** It may have left something behind that is kept: a command that was carried out. */
  readonly isKept?: boolean
  /** No answer came although one was due. */
  readonly hangs?: boolean
}

/** One way of attacking. */
export interface Attack {
  readonly name: string
  /** Of all inputs, the part that goes this way. */
  readonly share: number
  /** Sends one input; the same `random`, the same input. */
  send(random: Random): Promise<Sent>
  close(): void
}
