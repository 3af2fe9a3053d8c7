/**
 * Where in the user's source a `define*` function was called, as `file:line`,
 * so that a wiring report can point at the line to change.
 * `depth` counts the frames between the user's line and this function's caller.
 * Returns `undefined` where the engine gives no usable stack (it is not standardised).
 */
export function callSite(depth = 1): string | undefined {
  const lines = new Error().stack?.split("\n").filter((line) => /:\d+:\d+\)?$/.test(line)) ?? []
  const frame = lines[depth + 1]
  const match = frame && /(?:\(|at |@)?((?:file:\/\/)?[^\s()]+?):(\d+):\d+\)?$/.exec(frame)
  if (!match?.[1]) return undefined
  return `${match[1].replace(/^file:\/\//, "")}:${match[2]}`
}
