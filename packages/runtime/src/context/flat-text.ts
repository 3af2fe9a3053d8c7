/**
 * The parts as one string, for a text that is kept for long. What `+` and templates make is a tree of strings to V8, and stays one
 * where it is kept: several objects for the garbage collector in place of one.
 */
export function flatText(...parts: readonly string[]): string {
  return parts.join("")
}
