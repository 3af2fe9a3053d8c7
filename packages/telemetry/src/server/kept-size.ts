import type { LogRecord } from "../log-record.ts"
import type { SpanRecord } from "../span.ts"
import { textOf } from "../store/rows.ts"
import { Refused } from "./otlp-body.ts"

/** The store's memory holds some times as many. */
const mostShared = 128 * 1024 * 1024

/** What a request says once for many records is kept with each of them: it may become far longer than its body was. Throws `Refused`. */
export function checkKeptSize(records: readonly (SpanRecord | LogRecord)[]): void {
  const size = records.reduce((sum, record) => sum + sharedBy(record), 0)
  if (size <= mostShared) return
  throw new Refused(
    413,
    `The resource of ${records.length} records is kept with each: ${size} characters; no more than ${mostShared} are taken.`,
  )
}

function sharedBy(record: SpanRecord | LogRecord): number {
  const scope = "scope" in record ? record.scope.name.length + record.scope.version.length : 0
  return textOf(record.resource).length + record.service.length + scope
}
