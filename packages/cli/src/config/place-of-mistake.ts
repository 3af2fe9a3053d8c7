import { spawnSync } from "node:child_process"

const longestMs = 10_000

/**
 * The line in which a file, or what it imports, cannot be compiled, with its place ahead of it and a mark below; nothing when the
 * error tells it itself. Node knows it of every error, but of some tells it only when it ends by them.
 */
export function placeOfMistake(error: unknown, url: string): string {
  if (!(error instanceof SyntaxError) || !/^SyntaxError: .*\n {4}at compileSourceTextModule/.test(error.stack ?? "")) return ""
  // Nothing of it is carried out, for all is compiled first.
  const args = ["--input-type=module", "--eval", `import ${JSON.stringify(url)}`]
  const { stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: longestMs })
  return /^file:.*:\d+\n.*\n *\^+\n/.exec(stderr)?.[0] ?? ""
}
