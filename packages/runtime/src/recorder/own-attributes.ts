import type { RecordedValue } from "./recorded-value.ts"

/**
 * Attributes of one span alone, beside those that all spans of its operation have: name, value, name, value, … Few, and each name
 * once. Spans may share a list: it is never changed.
 */
export type OwnAttributes = readonly RecordedValue[]

/** The list with one more; it takes the place of the one of that name. */
export function withOwn(own: OwnAttributes | undefined, name: string, value: RecordedValue): OwnAttributes {
  if (own === undefined) return [name, value]
  for (let at = 0; at < own.length; at += 2) {
    if (own[at] === name) return own.with(at + 1, value)
  }
  return [...own, name, value]
}
