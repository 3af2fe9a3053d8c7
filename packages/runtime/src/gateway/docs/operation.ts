import { httpBindingOf, jsonSchemaOf } from "@hanok/contract"
import type { Access, JsonSchema, Operation } from "@hanok/contract"
import type { GatewayRoute } from "../routes.ts"
import { fieldRowsOf, typeTextOf } from "./fields.ts"
import type { FieldRow } from "./fields.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"

/** One operation: a line that opens to all there is to know about it. */
export function operationSection(route: GatewayRoute): Html {
  const { declaration, method, path, name, operation } = route
  return html`<details class="operation" id="${name}" data-words="${wordsOf(route)}">
    <summary>
      <span class="method ${method.toLowerCase()}">${method}</span>
      <code class="path">${path}</code>
      <span class="name">${operation}</span>
      <span class="access">${accessText(declaration.access)}</span>
    </summary>
    <div class="body">
      ${declaration.summary === undefined ? undefined : html`<p class="lead">${declaration.summary}</p>`}
      <p class="facts">${factsOf(declaration)}</p>
      ${inputSection(declaration)} ${outputSection(declaration)} ${refusalsSection(declaration)}
    </div>
  </details> `
}

/** Who may call, in a few words. */
function accessText(access: Access): string {
  if (access === "public") return "anyone"
  return access === "signed-in" ? "signed in" : access.anyOf.join(" or ")
}

function wordsOf({ name, method, path, declaration }: GatewayRoute): string {
  return `${name} ${method} ${path} ${declaration.summary ?? ""}`.toLowerCase()
}

function factsOf({ kind, timeoutMs, access }: Operation): Html {
  const repetition =
    kind === "query"
      ? "Reads; may be repeated."
      : html`Changes something; repeat it with the same <code>Idempotency-Key</code> header, and it is applied once.`
  const token = access === "public" ? "Needs no token." : html`Needs <code>Authorization: Bearer</code> (${accessText(access)}).`
  return html`${repetition} ${token} Takes at most ${timeoutMs / 1000} s.`
}

function inputSection(operation: Operation): Html {
  const schema = jsonSchemaOf(operation.input, "input")
  const binding = httpBindingOf(operation)
  const placeOf = (row: FieldRow) => {
    if (row.depth > 0) return ""
    return binding?.pathFields.includes(row.name) ? "path" : binding?.hasBody ? "body" : "query"
  }
  const rows = fieldRowsOf(schema)
  return html`<h4>Input</h4>
    ${rows.length > 0 ? fieldTable(rows, placeOf) : typeTextOf(schema) === "object" ? html`<p class="none">Nothing.</p>` : shapeOf(schema)}`
}

function outputSection(operation: Operation): Html {
  const schema = jsonSchemaOf(operation.output, "output")
  return html`<h4>Output <span class="status">200</span></h4>
    ${shapeOf(schema)}`
}

function refusalsSection({ refusals }: Operation): Html | undefined {
  const entries = Object.entries(refusals)
  if (entries.length === 0) return undefined
  return html`<h4>Refusals</h4>
    ${entries.map(([code, { schema, status }]) => {
      return html`<div class="refusal">
        <h5><code>${code}</code> <span class="status">${status}</span></h5>
        ${detailsOf(jsonSchemaOf(schema, "output"))}
      </div>`
    })}`
}

// Most refusals say all with their code.
function detailsOf(schema: JsonSchema): Html | undefined {
  return typeTextOf(schema) === "object" && fieldRowsOf(schema).length === 0 ? undefined : shapeOf(schema)
}

function shapeOf(schema: JsonSchema): Html {
  const rows = fieldRowsOf(schema)
  const type = typeTextOf(schema)
  const intro = type === "object" ? undefined : html`<p class="shape"><code>${type}</code></p>`
  if (rows.length === 0) return intro ?? html`<p class="none">An empty object.</p>`
  return html`${intro}${fieldTable(rows)}`
}

function fieldTable(rows: readonly FieldRow[], placeOf?: (row: FieldRow) => string): Html {
  const described = rows.some(({ description }) => description !== "")
  const place = placeOf ? html`<th scope="col">In</th>` : undefined
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Field</th>
          ${place}
          <th scope="col">Type</th>
          ${described ? html`<th scope="col">Meaning</th>` : undefined}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => fieldLine(row, described, placeOf))}
      </tbody>
    </table>
  </div>`
}

function fieldLine(row: FieldRow, described: boolean, placeOf?: (row: FieldRow) => string): Html {
  if (row.type === "")
    return html`<tr class="choice depth-${row.depth}">
      <th scope="row" colspan="${(placeOf ? 3 : 2) + (described ? 1 : 0)}">${row.name}</th>
    </tr>`
  return html`<tr class="depth-${row.depth}">
    <th scope="row"><code>${row.name}</code>${row.required ? undefined : html` <span class="optional">optional</span>`}</th>
    ${placeOf ? html`<td class="place">${placeOf(row)}</td>` : undefined}
    <td class="type">${row.type}</td>
    ${described ? html`<td>${row.description}</td>` : undefined}
  </tr>`
}
