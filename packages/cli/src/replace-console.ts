import { syncBuiltinESMExports } from "node:module"

/** What is printed to the console goes by that one from then on. Also for those who import `node:console`. */
export function replaceConsole(by: Console): void {
  Object.assign(console, by)
  syncBuiltinESMExports()
}
