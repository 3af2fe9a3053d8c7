/** Where a text stops being JSON that could still be completed. `error` is what `JSON.parse` threw; the text is read once at most. */
export function mistakeIn(text: string, error: unknown): number {
  const message = error instanceof Error ? error.message : ""
  // At the end of the message: where V8 names no position it quotes the text, in which anything may stand.
  const named = /at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message)?.[1]
  if (named !== undefined) return Number(named)
  return message.endsWith("end of JSON input") ? text.length : unexpectedIn(text)
}

const beginningOfValue = /[{["\d-]|true|false|null/y

// V8 names no position where a value is due and something else comes, or a word or an escape goes on otherwise. All before it is JSON.
function unexpectedIn(text: string): number {
  let before = ","
  let isText = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (isText) {
      isText = character !== '"'
      if (character === "\\" && !'"\\/bfnrtu'.includes(text.charAt(++at))) return at
    } else if (!" \n\r\t".includes(character)) {
      beginningOfValue.lastIndex = at
      const isDue = "[,:".includes(before) && !(before === "[" && character === "]")
      if (isDue && !beginningOfValue.test(text)) return at + lettersOfWord(text, at)
      isText = character === '"'
      before = character
    }
  }
  return text.length
}

function lettersOfWord(text: string, at: number): number {
  const word = ["true", "false", "null"].find((each) => each.startsWith(text.charAt(at))) ?? ""
  let letters = 0
  while (letters < word.length && word.charAt(letters) === text.charAt(at + letters)) letters++
  return letters
}
