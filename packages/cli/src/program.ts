import { Console } from "node:console"
import { Command } from "commander"
import { addCheck } from "./commands/check.ts"
import { addDev } from "./commands/dev.ts"
import { addEvents } from "./commands/events.ts"
import { addGraph } from "./commands/graph.ts"
import { addMerge } from "./commands/merge.ts"
import { addNew } from "./commands/new.ts"
import { addServe } from "./commands/serve.ts"
import { addSplit } from "./commands/split.ts"
import { addToken } from "./commands/token.ts"
import { addTrace } from "./commands/trace.ts"
import { ownVersion } from "./own-version.ts"
import { replaceConsole } from "./replace-console.ts"

/** The `hanok` command. Parsing rejects with a `CommanderError` or a `CliError`; it never ends the process. */
export function createProgram(): Command {
  const program = new Command("hanok")
    .description("A backend that starts as one modular monolith, and lets any module move out by one line.")
    .version(ownVersion(), "-V, --version", "print the version")
    .option("--no-color", "print without colours; so does NO_COLOR in the environment")
    .hook("preAction", (_, command) => {
      // What an application's modules print as they are read is no part of an answer. Served, it is their log.
      if (command.name() !== "serve") replaceConsole(new Console(process.stderr))
      if (!lasting.has(command.name())) process.once("uncaughtException", endUncaught)
      if (program.opts()["color"] !== false) return
      process.env["NO_COLOR"] = "1"
      // To Node it would weigh more.
      delete process.env["FORCE_COLOR"]
    })
    .exitOverride()
    .showHelpAfterError("(hanok --help lists every command)")
    .addHelpText("after", "\nExit codes: 0 done, 1 the answer is no, 2 bad input, 3 the environment is in\nthe way.")
  for (const add of [addNew, addDev, addServe, addGraph, addSplit, addMerge, addCheck, addTrace, addEvents, addToken]) add(program)
  return program
}

/** Commands that do not answer and end. */
const lasting: ReadonlySet<string> = new Set(["serve", "dev"])

// By an application's modules, for example, which go on after they have been read. To Node it would be exit code 1, which is a no.
function endUncaught(error: unknown): void {
  process.stderr.write(`hanok: nobody caught an error: ${error instanceof Error ? error.stack : String(error)}\n`)
  // An answer that has been given stands.
  process.exit(process.exitCode ?? 3)
}
