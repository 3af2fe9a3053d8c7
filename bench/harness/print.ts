import type { Row } from "./row.ts"

export function tableOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length))
  return rows
    .map((row) => `${row.name.padEnd(width)}  ${format(row.value).padStart(9)} ${row.unit.padEnd(8)} ${spread(row)}`.trimEnd())
    .join("\n")
}

export function markdownOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => `| \`${row.name}\` | ${format(row.value)} | ${row.unit} | ${format(row.min)} | ${format(row.max)} |`)
  return ["| row | median | unit | min | max |", "|---|--:|---|--:|--:|", ...lines].join("\n")
}

function spread({ min, max }: Row): string {
  return min === undefined || max === undefined ? "" : `(${format(min)} to ${format(max)})`
}

function format(value: number | undefined): string {
  return value === undefined ? "" : String(value)
}
