/** JSON as a file has it: some editors begin it with a byte order mark, which Node and npm allow. Throws a `SyntaxError`. */
export function parseJson(text: string): unknown {
  return JSON.parse(text.replace(/^\ufeff/, ""))
}
