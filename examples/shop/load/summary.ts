import type { CrowdReport } from "./crowd.ts"
import type { OperationReport, Report } from "./measurements.ts"

/** The report as people read it. */
export function summaryOf(report: Report & CrowdReport): string {
  const rows = Object.entries(report.operations).map(([name, operation]) => rowOf(name, operation))
  const heads = ["operation", "requests", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors"]
  const table = tableOf([heads, ...rows, rowOf("all", report)])
  const share = report.requests === 0 ? 0 : (100 * report.failures) / report.requests
  const sum = `${report.requestsPerSecond} requests/s over ${report.seconds} s; ${report.failures} failed (${share.toFixed(2)} %)`
  const late = report.late === 0 ? "" : `; ${report.late} actions left out, since every customer was busy`
  return `${table}\n\n${sum}${late}\n`
}

function rowOf(name: string, { requests, p50Ms, p95Ms, p99Ms, maxMs, errors }: OperationReport): readonly string[] {
  return [name, String(requests), String(p50Ms), String(p95Ms), String(p99Ms), String(maxMs), countsOf(errors)]
}

function countsOf(errors: Readonly<Record<string, number>>): string {
  const counts = Object.entries(errors).sort(([, one], [, other]) => other - one)
  return counts.map(([code, count]) => `${code} ${count}`).join(", ")
}

// Texts to the left, numbers to the right.
function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const isText = (column: number) => column === 0 || column === widths.length - 1
  const lines = rows.map((row) =>
    row.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  "),
  )
  return lines.map((line) => line.trimEnd()).join("\n")
}
