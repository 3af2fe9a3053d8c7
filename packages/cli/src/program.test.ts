import { readFile } from "node:fs/promises"
import type { Command } from "commander"
import { expect, test } from "vitest"
import { createProgram } from "./program.ts"

const guide = await readFile(new URL("../../../docs/guides/cli.md", import.meta.url), "utf8")

function commandsOf(command: Command, path: readonly string[] = []): readonly (readonly [path: string, command: Command])[] {
  return command.commands.flatMap((each) => {
    const own = [...path, each.name()]
    return [[own.join(" "), each] as const, ...commandsOf(each, own)]
  })
}

const commands = commandsOf(createProgram())

test.each(commands)("the guide names hanok %s, and every option of it", (path, command) => {
  const section = guide.split(/^### /m).find((part) => part.startsWith(`\`hanok ${path}`)) ?? ""
  const missing = command.options.map(({ long }) => long ?? "").filter((option) => !section.includes(option))
  expect([section === "", missing]).toEqual([false, []])
})

/** All that `--help` prints at a terminal of 80 columns, examples and the like as well. */
function helpOf(command: Command): string {
  let help = ""
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 80 }).outputHelp()
  return help
}

test.each([["", createProgram()] as const, ...commands])(
  "hanok %s tells what it does, and each of its options, within 80 columns",
  (_, command) => {
    expect(command.description()).not.toBe("")
    expect(command.options.filter(({ description }) => description === "")).toEqual([])
    const lines = helpOf(command).split("\n")
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  },
)

test.each(commands)("hanok %s tells the default of each argument once", (_, command) => {
  expect(
    command.registeredArguments.filter(({ description, defaultValue }) => defaultValue !== undefined && description.includes("default")),
  ).toEqual([])
})
