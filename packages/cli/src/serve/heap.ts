import { setFlagsFromString } from "node:v8"

const flag = "--heap-growing-percent"

/**
 * Lets the heap double before V8 looks through all of it again: see ADR 10. A process that was started with the flag keeps what
 * it was given. Near the limit of the heap V8 collects as often as it must, whatever is said here.
 */
export function letHeapGrow(): void {
  if (process.execArgv.some((argument) => argument.startsWith(flag))) return
  setFlagsFromString(`${flag}=100`)
}
