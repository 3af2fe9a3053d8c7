import { beginsLine, commaAfter, hasComment, indentOf, indentUnit, lineBreakBehind, lineEnd, lineStart, newlineOf } from "./draft.ts"
import type { Draft, Listing, Span } from "./draft.ts"

/** Adds an element behind `previous`, or as the only one, in the way in which the others are laid out. */
export function addElement(draft: Draft, listing: Listing, content: string, previous = listing.elements.at(-1)): void {
  if (!previous) return addOnlyElement(draft, listing, content)
  const comma = commaAfter(draft, previous)
  const behind = comma === undefined ? previous.end : comma + 1
  const lineBreak = lineBreakBehind(draft, behind)
  if (!beginsLine(draft, previous) || lineBreak === undefined) {
    draft.edits.appendLeft(behind, comma === undefined ? `, ${content}` : ` ${content},`)
    return
  }
  if (comma === undefined) draft.edits.appendLeft(previous.end, ",")
  const line = `${newlineOf(draft)}${indentOf(draft, previous.start)}${content}${comma === undefined ? "" : ","}`
  draft.edits.appendLeft(lineBreak, line)
}

/** Takes an element out, with its line when it has one of its own. Comments beside it stay. */
export function removeElement(draft: Draft, listing: Listing, element: Span): void {
  const previous = listing.elements[listing.elements.indexOf(element) - 1]
  const comma = commaAfter(draft, element)
  const ownComma = previous && comma === undefined ? commaAfter(draft, previous) : undefined
  if (ownComma !== undefined) draft.edits.remove(ownComma, ownComma + 1)
  const behind = comma === undefined ? element.end : comma + 1
  if (beginsLine(draft, element)) return removeLine(draft, listing, element, behind)
  const ahead = previous && (ownComma ?? commaAfter(draft, previous))
  if (ahead === undefined || hasComment(draft, ahead, element.start)) draft.edits.remove(element.start, behind + spacesAt(draft, behind))
  else draft.edits.remove(ahead + 1, behind)
}

/** Empties a listing of its only element: nothing is left between the brackets. */
export function clearListing(draft: Draft, { start, end }: Listing): void {
  draft.edits.remove(start + 1, end - 1)
}

function addOnlyElement(draft: Draft, { start, end, spaced }: Listing, content: string): void {
  const inside = draft.text.slice(start + 1, end - 1)
  const last = start + 1 + inside.trimEnd().length
  if (inside.slice(inside.trimEnd().length).includes("\n")) {
    draft.edits.appendLeft(last, `${newlineOf(draft)}${indentOf(draft, end - 1)}${indentUnit(draft)}${content},`)
  } else if (inside.trim() === "") {
    draft.edits.overwrite(start, end, spaced ? `{ ${content} }` : `[${content}]`)
  } else {
    draft.edits.appendLeft(last, ` ${content}`)
  }
}

function removeLine(draft: Draft, listing: Listing, element: Span, behind: number): void {
  const end = lineEnd(draft, behind)
  if (draft.text.slice(behind, end).trim() !== "") {
    draft.edits.remove(element.start, behind + spacesAt(draft, behind))
    return
  }
  const ahead = draft.text.slice(0, element.start).trimEnd().length
  const next = draft.text.length - draft.text.slice(end).trimStart().length
  const emptyAhead = linesIn(draft, ahead, element.start) > 1
  const emptyBehind = linesIn(draft, end, next) > 1
  // An empty line parts two elements: there is none at a bracket, and no second one.
  if (emptyAhead && (emptyBehind || next === listing.end - 1)) draft.edits.remove(ahead, end)
  else if (emptyBehind && ahead === listing.start + 1) draft.edits.remove(ahead, breakBefore(draft, next))
  else draft.edits.remove(breakBefore(draft, element.start), end)
}

function linesIn({ text }: Draft, from: number, to: number): number {
  return text.slice(from, to).split("\n").length - 1
}

/** Where the line break begins that ends the line before. */
function breakBefore(draft: Draft, offset: number): number {
  const start = lineStart(draft, offset)
  return draft.text[start - 2] === "\r" ? start - 2 : start - 1
}

function spacesAt({ text }: Draft, offset: number): number {
  return /^[ \t]*/.exec(text.slice(offset))?.[0].length ?? 0
}
