import { CliError } from "../cli-error.ts"
import { dataFolderOf } from "../config/find-configuration.ts"
import { readFacts } from "../dev/announce.ts"
import { limitOf } from "../limit-of.ts"
import { print } from "../print.ts"
import { harmless, harmlessJson } from "../terminal-text.ts"
import { renderTrace } from "./render.ts"
import type { TraceView } from "./render.ts"

export interface TraceOptions {
  readonly config?: string
  readonly data?: string
  readonly url?: string
  readonly limit: string
  readonly errors?: boolean
  readonly all?: boolean
  readonly json?: boolean
}

const patienceMs = 5_000

/** Prints traces as trees: the one that is named, or the last ones. */
export async function showTraces(traceId: string | undefined, options: TraceOptions): Promise<void> {
  const limit = limitOf(options.limit)
  const url = options.url === undefined ? await runningUrl(options) : parseUrl(options.url)
  const waiting = setTimeout(() => tellOfSilence(url), patienceMs)
  const traces = await tracesFrom(url, traceId, limit, options).finally(() => clearTimeout(waiting))
  if (options.json) return print(harmlessJson(traces))
  const width = process.stdout.columns || 80
  print(traces.length === 0 ? nothingYet(options) : traces.map((trace) => renderTrace(trace, width, options.all)).join("\n\n"))
}

async function tracesFrom(url: string, traceId: string | undefined, limit: number, options: TraceOptions): Promise<readonly TraceView[]> {
  const ids = traceId === undefined ? await lastIds(url, limit, options) : [traceId]
  return Promise.all(ids.map((id) => ask<TraceView>(url, `/api/traces/${encodeURIComponent(id)}`)))
}

// Much may have to be read; but what was stopped takes connections, too, and answers none.
function tellOfSilence(url: string): void {
  process.stderr.write(`hanok: ${url} has not answered yet; still waiting. If \`hanok dev\` was stopped by Ctrl-Z, \`fg\` lets it go on.\n`)
}

function nothingYet({ errors, all }: TraceOptions): string {
  if (errors) return "Nothing that has been traced has failed."
  return all ? "Nothing has been traced yet." : "No request has been traced yet; --all shows the runs of jobs, too."
}

async function lastIds(url: string, limit: number, { errors, all }: TraceOptions): Promise<readonly string[]> {
  // Jobs run all the time, and mostly find nothing to do.
  const filter = errors ? "&errors=true" : all ? "" : "&requests=true"
  const found = await ask<readonly { traceId: string; name: string }[]>(url, `/api/traces?limit=${limit}${filter}`)
  return found.map((summary) => summary.traceId).toReversed()
}

async function runningUrl(options: TraceOptions): Promise<string> {
  const url = (await readFacts(dataFolderOf(options)))?.telemetryUrl
  if (url !== undefined) return url
  throw new CliError("No `hanok dev` that keeps traces is running here.", "Start it, or name a telemetry server with --url.", 3)
}

function parseUrl(url: string): string {
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? "")) return url
  throw new CliError(`--url is "${url}".`, "It takes the address of a telemetry server: http://127.0.0.1:4318", 2)
}

async function ask<T>(url: string, path: string): Promise<T> {
  const response = await fetch(new URL(path, url)).catch((error: unknown) => {
    const { cause } = error instanceof Error ? error : {}
    throw new CliError(`${url} does not answer: ${cause instanceof Error ? cause.message : String(error)}`, "Is `hanok dev` running?", 3)
  })
  const body: unknown = await response.json().catch(() => undefined)
  // The answer of the telemetry server of this version.
  if (response.ok && body !== undefined) return body as T
  throw refused(url, path, response.status, body)
}

function refused(url: string, path: string, status: number, body: unknown): CliError {
  const { code, detail }: { readonly code?: unknown; readonly detail?: unknown } = Object(body)
  if (code === "NOT_FOUND") {
    const id = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1))
    return new CliError(`There is no such trace: ${id}`, "hanok trace shows the last ones.", 1)
  }
  if (code === "INVALID_QUERY") return new CliError(harmless(String(detail)), "", 2)
  if (code === "UNAVAILABLE") return new CliError(`${url} answered ${status}: ${harmless(String(detail))}`, "", 3)
  return new CliError(
    `${url} is no telemetry server of Hanok: it answered ${path} with ${status}.`,
    "`hanok dev` prints where its traces are; without --url they are found.",
    3,
  )
}
