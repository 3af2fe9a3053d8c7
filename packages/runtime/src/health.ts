import { problemMediaType } from "@hanok/contract"

/** What a process says of itself, at whichever of its ports. */
export interface Health {
  readonly status: 200 | 503
  readonly mediaType: string
  readonly body: string
}

/** At `/health/live`: the process answers. */
export const live: Health = { status: 200, mediaType: "application/json", body: JSON.stringify({ status: "live" }) }

const ready: Health = { ...live, body: JSON.stringify({ status: "ready" }) }

/** At `/health/ready`: it may be sent requests when nothing is missing. */
export function readiness(missing: readonly string[]): Health {
  if (missing.length === 0) return ready
  const problem = {
    type: "about:blank",
    title: "UNAVAILABLE",
    status: 503,
    code: "UNAVAILABLE",
    detail: `Not ready: ${missing.join(", ")}.`,
  }
  return { status: 503, mediaType: problemMediaType, body: JSON.stringify({ ...problem, missing }) }
}

/** Of a line that says what is not ready and why: the what. The why may name a database, and where it is, which is nobody's outside. */
export function outsideLine(line: string): string {
  return line.split(": ", 1)[0] ?? line
}
