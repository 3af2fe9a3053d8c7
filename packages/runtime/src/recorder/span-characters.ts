import type { OwnAttributes } from "./own-attributes.ts"
import type { RecordedAttributes, RecordedValue } from "./recorded-value.ts"
import type { Rare } from "./ring.ts"
import type { SpanTemplate } from "./span-template.ts"

/** Of all texts that a span holds on to, and not what it shares with others of its operation or its connection. Most spans have none. */
export function charactersOf(template: SpanTemplate, own: OwnAttributes | undefined, rare: Rare | undefined): number {
  let characters = 0
  if (own !== undefined && !own.isShared) characters += ofList(own.list)
  if (template.encoded === undefined) characters += template.name.length + ofAttributes(template.attributes)
  return rare === undefined ? characters : characters + ofRare(rare)
}

function ofRare({ error = "", details }: Rare): number {
  let characters = error.length
  for (const { name, attributes } of details?.events ?? []) characters += name.length + ofAttributes(attributes)
  for (const { attributes } of details?.links ?? []) characters += ofAttributes(attributes)
  return characters
}

function ofList(values: readonly RecordedValue[]): number {
  let characters = 0
  for (const value of values) characters += ofValue(value)
  return characters
}

function ofAttributes(attributes: RecordedAttributes | undefined): number {
  let characters = 0
  for (const name in attributes) characters += name.length + ofValue(attributes[name] ?? null)
  return characters
}

function ofValue(value: RecordedValue): number {
  if (typeof value === "string") return value.length
  if (typeof value !== "object" || value === null) return 0
  // Not a list: TypeScript does not take a readonly array out of the union by `Array.isArray`.
  return Array.isArray(value) ? ofList(value) : ofAttributes(value as RecordedAttributes)
}
