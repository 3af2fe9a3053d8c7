/** Text that is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Piece = Html | string | number | readonly Piece[] | undefined

/**
 * HTML from a template; whatever is put in is escaped, unless it is HTML itself.
 * @example
 * html`<li>${name}</li>`
 */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.map((text, index) => text + textOf(pieces[index])).join(""))
}

function textOf(piece: Piece): string {
  if (piece === undefined) return ""
  if (piece instanceof Html) return piece.text
  if (typeof piece === "object") return piece.map(textOf).join("")
  return String(piece).replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
