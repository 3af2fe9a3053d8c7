import { validateHeaderValue } from "node:http"
import { Fault, parametersOf } from "@hanok/contract"
import type { BaseUrl } from "./base-url.ts"
import type { AnyMapping, Fields } from "./mapping.ts"

/** A request as it is sent. */
export interface WireRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** The input, which the operation's schema has made, in the old system's terms. */
export function wireRequestOf(base: BaseUrl, mapping: AnyMapping, input: never): WireRequest {
  const [method = "", path = ""] = mapping.request.split(" ")
  const url = new URL(base.url)
  const [place = "", fixed = ""] = filled(path, mapping.path?.(input) ?? {}).split(/\?(.*)/s)
  url.pathname = base.url.pathname.replace(/\/$/, "") + place
  for (const [name, value] of new URLSearchParams(fixed)) url.searchParams.append(name, value)
  for (const [name, value] of pairsOf(mapping.query?.(input) ?? {})) url.searchParams.append(name, value)
  const body = bodyOf(mapping, input)
  const own = mapping.headers?.(input) ?? {}
  for (const [name, value] of Object.entries(own)) checkHeader(name, value)
  // Replies are read as they come. Whoever is told nothing about that may compress them (RFC 9110, 12.5.3).
  const headers = {
    "accept-encoding": "identity",
    accept: "application/json, */*;q=0.1",
    ...(body ? { "content-type": body.type } : {}),
    ...own,
  }
  return { method, url, headers, body: body?.text }
}

function filled(path: string, values: Readonly<Record<string, string | number>>): string {
  return parametersOf(path).reduce((text, name) => {
    const value = values[name]
    if (value === undefined) throw new Error(`The path ${path} has {${name}}, for which the mapping's \`path\` gives no value.`)
    const plain = String(value)
    // A URL's own rules take these away, so that the request would go somewhere else; and half a character has no place in one.
    const fits = !["", ".", ".."].includes(plain) && plain.isWellFormed()
    if (!fits) throw new Fault("INVALID_INPUT", `{${name}} of the path ${path} cannot be "${plain}".`)
    return text.replace(`{${name}}`, () => encodeURIComponent(plain))
  }, path)
}

function checkHeader(name: string, value: string): void {
  try {
    validateHeaderValue(name, value)
  } catch (cause) {
    throw new Fault("INVALID_INPUT", `The header ${name} cannot be ${JSON.stringify(value)}.`, { cause })
  }
}

function bodyOf(mapping: AnyMapping, input: never): { readonly type: string; readonly text: string } | undefined {
  if (mapping.form) {
    const text = new URLSearchParams(pairsOf(mapping.form(input))).toString()
    return { type: "application/x-www-form-urlencoded; charset=utf-8", text }
  }
  return mapping.json && { type: "application/json", text: JSON.stringify(mapping.json(input)) }
}

function pairsOf(fields: Fields): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((item) => item !== undefined)
      .map((item): [string, string] => [name, String(item)]),
  )
}
