/** One step of a JSON Pointer (RFC 6901). */
export function pointerTo(name: string | number): string {
  return `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`
}
