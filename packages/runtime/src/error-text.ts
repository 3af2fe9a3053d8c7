/** What an error says. Anything can be thrown: of what has no text, which some objects have not, it tells that. Never throws. */
export function messageOf(error: unknown): string {
  return textOf(error, messageIn)
}

// Where a name has several addresses, Node throws one error that holds those of each and says nothing itself.
function messageIn(error: Error): string {
  return error instanceof AggregateError && error.message === "" ? error.errors.map(messageOf).join(", ") : error.message
}

/** The same with the places that it came by, where it knows them. */
export function stackOf(error: unknown): string {
  return textOf(error, (known) => known.stack ?? known.message)
}

/**
 * What kind of error it is, of which there are few: its class, or its code where that says more. What is none is OpenTelemetry's `_OTHER`.
 * Never throws.
 */
export function typeOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return "_OTHER"
    const code = error.name === "Error" && "code" in error ? error.code : undefined
    const type = typeof code === "string" ? code : error.name
    return typeof type === "string" && type !== "" ? type : "_OTHER"
  } catch {
    return "_OTHER"
  }
}

function textOf(error: unknown, pick: (error: Error) => string): string {
  try {
    return String(error instanceof Error ? pick(error) : error)
  } catch {
    return `something without a text was thrown (of type ${typeof error})`
  }
}
