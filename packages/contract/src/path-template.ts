/** The names in braces of a path template, in order. */
export function parametersOf(path: string): readonly string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? "")
}

/** The path template without the names of its fields: two of one shape match the same paths. */
export function shapeOf(path: string): string {
  return path.replaceAll(/\{[^}]+\}/g, "{}")
}

/**
 * What the texts of a path template's fields can be, in order, as regular expressions. Of several fields in one segment each ends where
 * what follows it stands first: to try all other places takes minutes, for three fields and a path made for that. `character`: any one of
 * a text.
 */
export function fieldPatternsOf(path: string, character: string): readonly string[] {
  return [...path.matchAll(/\{[^{}]+\}([^/{]*)(?=(\{?))/g)].map(([, next = "", another]) =>
    another === "" ? `${character}+` : `${character}(?:(?!${escaped(next)})${character})*`,
  )
}

/** A regular expression for the paths of a template, with a group for each of its fields. */
export function pathPatternOf(path: string, character: string): RegExp {
  const fields = fieldPatternsOf(path, character)
  const plain = path.split(/\{[^{}]+\}/).map(escaped)
  return new RegExp(`^${plain.map((part, index) => part + (index < fields.length ? `(${fields[index]})` : "")).join("")}$`)
}

/** The first field whose text, written into the path, would be read as another: of several in one segment, one that holds what ends it. */
export function misreadFieldOf(path: string, texts: Readonly<Record<string, string>>): string | undefined {
  return path.split("/").flatMap((segment) => {
    const names = parametersOf(segment)
    if (names.length < 2) return []
    const read = pathPatternOf(segment, "[^]").exec(segment.replaceAll(/\{([^}]+)\}/g, (_, name: string) => texts[name] ?? ""))
    return names.filter((name, index) => read?.[index + 1] !== texts[name])
  })[0]
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
