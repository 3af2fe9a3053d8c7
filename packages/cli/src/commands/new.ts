import { relative } from "node:path"
import type { Command } from "commander"
import type { Written } from "../new/new-app.ts"
import { print, styled } from "../print.ts"

interface Options {
  readonly json?: boolean
}

export function addNew(program: Command): void {
  const command = program
    .command("new")
    .argument("<app>", "its name, and that of its folder")
    .description("write a new app, or a new module of this one")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  hanok new shop\n  hanok new module gift")
    .action(async (name: string, options: Options) => {
      const { newApp } = await import("../new/new-app.ts")
      report(await newApp(name), options, [`cd ${name}`, "npm install", "npm start"])
    })
  command
    .command("module")
    .argument("<name>", "a business domain: gift, gift-card")
    .description("write a module with a contract, a query and a test, and add it to the topology")
    .option("--config <file>", "the topology (default: the nearest hanok.config.ts)")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample: hanok new module gift")
    .action(async (name: string, _: object, module: Command) => {
      // `--json` is an option of both; whoever stands before takes it.
      const options = module.optsWithGlobals<Options & { readonly config?: string }>()
      const { newModule } = await import("../new/new-module.ts")
      report(await newModule(name, options.config), options, ["npm test"])
    })
}

function report(written: Written, { json }: Options, next: readonly string[]): void {
  if (json) return print(JSON.stringify(written, undefined, 2))
  const files = written.files.map((file) => `  ${relative(process.cwd(), file)}`)
  print([`Written:`, ...files, "", "Next:", ...next.map((line) => `  ${styled("bold", line)}`)].join("\n"))
}
