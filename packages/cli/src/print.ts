import { styleText } from "node:util"

/** Writes lines to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

type Style = Parameters<typeof styleText>[0]

/** The text in that style where standard output shows it: a terminal, and neither `NO_COLOR` nor `--no-color`. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}
