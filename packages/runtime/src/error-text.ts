/** What an error says. Anything can be thrown: of what has no text, which some objects have not, it tells that. Never throws. */
export function messageOf(error: unknown): string {
  return textOf(error, (known) => known.message)
}

/** The same with the places that it came by, where it knows them. */
export function stackOf(error: unknown): string {
  return textOf(error, (known) => known.stack ?? known.message)
}

function textOf(error: unknown, pick: (error: Error) => string): string {
  try {
    return String(error instanceof Error ? pick(error) : error)
  } catch {
    return `something without a text was thrown (of type ${typeof error})`
  }
}
