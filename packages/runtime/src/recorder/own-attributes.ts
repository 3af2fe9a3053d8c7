import type { RecordedValue } from "./recorded-value.ts"

/** Attributes of one span alone, beside those that all spans of its operation have: name, value, name, value, … Few, and each name once. */
export type OwnAttributes = RecordedValue[]

/** Sets one: over the one of that name, or as the last. */
export function setOwn(own: OwnAttributes, name: string, value: RecordedValue): void {
  for (let at = 0; at < own.length; at += 2) {
    if (own[at] === name) return void (own[at + 1] = value)
  }
  own.push(name, value)
}
