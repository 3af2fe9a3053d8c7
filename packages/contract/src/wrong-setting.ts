import { Fault } from "./fault.ts"

/**
 * Of a variable of the environment that says what it cannot, or is needed and says nothing: what is thrown while a service is made, for
 * which it ends with exit code 2. The message names the variable, and says what it takes.
 */
export function wrongSetting(message: string): Fault {
  return new Fault("INVALID_INPUT", message, { hint: "" })
}
