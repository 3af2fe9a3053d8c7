import { createHash } from "node:crypto"
import type { DocumentInfo } from "@hanok/contract"
import type { GatewayRoute } from "../routes.ts"
import { Html, html } from "./html.ts"
import { operationSection } from "./operation.ts"
import { script } from "./script.ts"
import { style } from "./style.ts"

/** A page for reading: what can be called from outside, module by module. It is complete without scripts, and asks for nothing else. */
export function docsPage(info: DocumentInfo, routes: readonly GatewayRoute[]): string {
  const modules = [...Map.groupBy(routes, ({ contract }) => contract)]
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title}: operations</title>
        ${styleElement}
      </head>
      <body>
        <a class="skip" href="#operations">To the operations</a>
        <div class="frame">
          <nav aria-label="Operations">${modules.map(([name, own]) => moduleLinks(name, own))}</nav>
          <main id="operations">
            <h1>${info.title}</h1>
            <p class="about">
              ${count(routes.length, "operation")} of ${count(modules.length, "module")} · version ${info.version} ·
              <a href="openapi.json">openapi.json</a>
            </p>
            <div class="filter" role="search" hidden>
              <input type="search" aria-label="Filter operations" placeholder="Filter by path, name or words" autocomplete="off" />
              <output aria-live="polite"></output>
            </div>
            ${modules.map(([name, own]) => moduleSection(name, own))}
          </main>
        </div>
        ${scriptElement}
      </body>
    </html>`.text
}

/** Lets the page have its own style and script, and nothing else (https://www.w3.org/TR/CSP3/). */
export const docsPolicy = [
  "default-src 'none'",
  `style-src '${hashOf(style)}'`,
  `script-src '${hashOf(script)}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ")

// Not written in the template above: the hashes are of exactly what stands between the tags.
const styleElement = new Html(`<style>${style}</style>`)
const scriptElement = new Html(`<script>${script}</script>`)

function moduleLinks(name: string, routes: readonly GatewayRoute[]): Html {
  const links = routes.map((route) => html`<li id="to:${route.name}"><a href="#${route.name}">${route.operation}</a></li>`)
  return html`<div>
    <h2>${name}</h2>
    <ul>
      ${links}
    </ul>
  </div>`
}

function moduleSection(name: string, routes: readonly GatewayRoute[]): Html {
  const id = `module-${name}`
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${name} <small>${count(routes.length, "operation")}</small></h2>
    ${routes.map(operationSection)}
  </section>`
}

function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`
}
