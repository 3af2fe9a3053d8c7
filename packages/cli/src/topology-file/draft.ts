import { MagicString } from "magic-string"

/** A piece of source: offsets into the text, the end exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What stands between two brackets: the properties of an object, the elements of an array. */
export interface Listing extends Span {
  readonly elements: readonly Span[]
  /** Whether a single line has spaces inside its brackets, as objects have: `{ a }`, and arrays have not: `[a]`. */
  readonly spaced: boolean
}

/** Source that is being edited. All offsets are those of the text as it was. */
export interface Draft {
  readonly text: string
  readonly comments: readonly Span[]
  readonly edits: MagicString
}

export function createDraft(text: string, comments: readonly Span[]): Draft {
  return { text, comments, edits: new MagicString(text) }
}

/** The offset of the first thing from `offset` on that is neither white space nor a comment. */
function skipBlank({ text, comments }: Draft, offset: number): number {
  let at = offset
  for (;;) {
    const comment = comments.find(({ start }) => start === at)
    if (comment) at = comment.end
    else if (/\s/.test(text.charAt(at))) at += 1
    else return at
  }
}

/** The offset of the comma that follows an element, if there is one. */
export function commaAfter(draft: Draft, { end }: Span): number | undefined {
  const at = skipBlank(draft, end)
  return draft.text[at] === "," ? at : undefined
}

export function lineStart({ text }: Draft, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1
}

/** Where the line ends: before its line break. */
export function lineEnd({ text }: Draft, offset: number): number {
  const at = text.indexOf("\n", offset)
  if (at === -1) return text.length
  return text[at - 1] === "\r" && at > offset ? at - 1 : at
}

/** The end of the line, if nothing but blanks and comments stands before it; the next line does not begin within a comment. */
export function lineBreakBehind(draft: Draft, offset: number): number | undefined {
  const end = lineEnd(draft, offset)
  const within = draft.comments.some((comment) => comment.start >= offset && comment.start < end && comment.end > end)
  return within || skipBlank(draft, offset) < end ? undefined : end
}

/** The white space with which the line begins. */
export function indentOf(draft: Draft, offset: number): string {
  return /^[ \t]*/.exec(draft.text.slice(lineStart(draft, offset)))?.[0] ?? ""
}

/** One step of indentation, as the file has it. */
export function indentUnit({ text }: Draft): string {
  return /\n(\t| {2,8})\S/.exec(text)?.[1] ?? "  "
}

export function newlineOf({ text }: Draft): string {
  return text.includes("\r\n") ? "\r\n" : "\n"
}

/** A text as a string of the source, in the quotes that its imports have. */
export function quoted({ text }: Draft, name: string): string {
  const quote = /\b(?:from|import)\s*(["'])/.exec(text)?.[1] ?? '"'
  return `${quote}${name}${quote}`
}

/** Whether an element is the first thing in its line. */
export function beginsLine(draft: Draft, { start }: Span): boolean {
  return draft.text.slice(lineStart(draft, start), start).trim() === "" && lineStart(draft, start) > 0
}

/** Whether a comment stands between the offsets. */
export function hasComment({ comments }: Draft, from: number, to: number): boolean {
  return comments.some(({ start, end }) => start >= from && end <= to)
}
