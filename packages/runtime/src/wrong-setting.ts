import { Fault } from "@hanok/contract"

/** Of a variable of the environment that says what it cannot, or is needed and says nothing. The message names it, and says what it takes. */
export function wrongSetting(message: string): Fault {
  return new Fault("INVALID_INPUT", message, { hint: "" })
}
