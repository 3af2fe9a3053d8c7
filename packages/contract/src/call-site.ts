/**
 * Where in the user's source a `define*` function was called, as `file:line`,
 * so that a wiring report can point at the line to change.
 * `depth` counts the frames between the user's line and this function's caller.
 * Returns `undefined` where the engine gives no usable stack (it is not standardised).
 */
export function callSite(depth = 1): string | undefined {
  const lines = new Error().stack?.split("\n").filter((line) => /:\d+:\d+\)?$/.test(line)) ?? []
  const frame = lines[depth + 1] ?? ""
  const match = named.exec(frame) ?? unnamed.exec(frame)
  return match?.[1] && `${pathOf(match[1])}:${match[2]}`
}

/** `at name (place:1:2)`: a place may have parentheses, too. */
const named = /^\s*at .*? \((.+):(\d+):\d+\)$/
/** `at place:1:2` or `name@place:1:2`. */
const unnamed = /^(?:\s*at (?:async )?|[^@]*@)?(.+):(\d+):\d+$/

// A file's address may say more: what it was asked with.
function pathOf(place: string): string {
  return place.startsWith("file://") ? decodeURIComponent(place.slice("file://".length).replace(/[?#].*$/, "")) : place
}
