/** Text from elsewhere without what a terminal would obey, or show where it does not stand: control characters other than tabs and line breaks. */
export function harmless(text: string): string {
  return plain.test(text) ? text : text.replaceAll(/(?![\n\t])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "\ufffd")
}

/** The same, but with its colours, which end with it: of all that a terminal would obey they change nothing else. */
export function harmlessInColour(text: string): string {
  const [first = "", ...others] = text.split(escape)
  if (others.length === 0) return harmless(text)
  const shown = others.map((part) => {
    const [colour] = /^[\d;:]*m/.exec(part) ?? []
    return colour === undefined ? harmless(escape + part) : escape + colour + harmless(part.slice(colour.length))
  })
  return `${harmless(first)}${shown.join("")}${text.endsWith(colourless) ? "" : colourless}`
}

const escape = "\u001b["
const colourless = `${escape}0m`

/** JSON of the same value that does nothing to a terminal: what a terminal would obey is escaped. */
export function harmlessJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2)
  return text.replaceAll(
    /[\u007f-\u009f\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}

/** Harmless text in exactly that many columns: filled up, or cut. There is a blank at its end. */
export function fit(text: string, columns: number): string {
  const line = plain.test(text) ? text : harmless(text).replaceAll(/\s/g, " ")
  const width = widthOf(line)
  return width < columns ? line + " ".repeat(columns - width) : cut(line, columns)
}

/** Harmless text in lines of at most that many columns (8 at least), broken between words where there are any. */
export function wrapped(text: string, columns: number): readonly string[] {
  const room = Math.max(8, columns)
  const lines: string[] = []
  let line = ""
  for (const word of harmless(text)
    .split(/\s+/)
    .flatMap((each) => pieces(each, room))) {
    const longer = line === "" ? word : `${line} ${word}`
    if (widthOf(longer) <= room) line = longer
    else [line] = [word, lines.push(line)]
  }
  return [...lines, line]
}

// Most words are shorter than a line.
function pieces(word: string, columns: number): readonly string[] {
  if (widthOf(word) <= columns) return [word]
  const found = [""]
  let left = columns
  for (const { segment, width } of widthsOf(word)) {
    if (width > left) [left] = [columns, found.push("")]
    found[found.length - 1] += segment
    left -= width
  }
  return found
}

/** Most text is. */
const plain = /^[ -~]*$/
const segmenter = new Intl.Segmenter()
/** What takes two columns: Unicode Standard Annex 11, and emoji. */
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

function widthOf(text: string): number {
  return plain.test(text) ? text.length : widthsOf(text).reduce((sum, { width }) => sum + width, 0)
}

function cut(text: string, columns: number): string {
  let kept = ""
  let left = columns - 2
  for (const { segment, width } of widthsOf(text)) {
    if (width > left) break
    kept += segment
    left -= width
  }
  return `${kept}… ${" ".repeat(left)}`
}

function widthsOf(text: string): readonly { readonly segment: string; readonly width: number }[] {
  return Array.from(segmenter.segment(text), ({ segment }) => ({ segment, width: wide.test(segment) ? 2 : 1 }))
}
