import type { Readable } from "node:stream"

/**
 * Tells each line that is read. Lines end as on a terminal: Node's `readline` ends them at U+2028 and U+2029, too, which JSON leaves as
 * they are in a text, so that a line of log was none any more.
 */
export function linesOf(stream: Readable, onLine: (line: string) => void): void {
  let begun = ""
  const tell = (line: string) => line.replace(/\r$/, "").split("\r").forEach(onLine)
  stream.setEncoding("utf8").on("data", (piece: string) => {
    const lines = piece.split("\n")
    lines[0] = `${begun}${lines[0]}`
    begun = lines.pop() ?? ""
    lines.forEach(tell)
  })
  // What cannot be read any more has come to its end.
  stream.on("error", () => undefined)
  stream.on("close", () => (begun === "" ? undefined : tell(begun)))
}
