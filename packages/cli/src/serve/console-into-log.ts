import { Console } from "node:console"
import { Writable } from "node:stream"
import { standardOutput } from "@hanok/runtime"
import { replaceConsole } from "../replace-console.ts"

/**
 * Has what modules print to the console go where lines of log go, and as those do. Written beside them it would stand in the middle of one
 * where a pipe is full, and what nobody reads would wait in memory without a limit. At a terminal neither is so.
 */
export function consoleIntoLog(): void {
  if (process.stdout.isTTY) return
  const output = standardOutput()
  const stdout = new Writable({
    decodeStrings: false,
    write(line, _, done) {
      output.write(String(line))
      done()
    },
  })
  replaceConsole(new Console(stdout, process.stderr))
}
