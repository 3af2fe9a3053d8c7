import { join, relative } from "node:path"
import { styled } from "../print.ts"
import type { CheckReport } from "./check.ts"

/** Everything that was found, each with its place, its rule and what is allowed. */
export function renderCheck({ root, files, modules, topologies, violations, undetermined }: CheckReport): string {
  const place = (path: string, line: number) => `${relative(process.cwd(), join(root, path))}:${line}`
  const broken = violations.map(({ path, line, rule, message, allowed }) => {
    return [`${styled("bold", place(path, line))}  ${styled("red", rule)}`, `  ${message}`, `  ${allowed}`].join("\n")
  })
  const unknown = undetermined.map(({ path, line, message }) => `${styled("bold", place(path, line))}  could not be read\n  ${message}`)
  const parts = [
    count(files, "file", "files"),
    count(modules.length, "module", "modules"),
    count(topologies.length, "topology", "topologies"),
  ]
  const all = `${parts[0]}, ${parts[1]} and ${parts[2]}`
  return [...broken, ...unknown, summary(violations.length, undetermined.length, all)].join("\n\n")
}

function summary(broken: number, unknown: number, all: string): string {
  if (broken === 0 && unknown === 0) return `${all} keep the rules.`
  const found = [
    ...(broken > 0 ? [count(broken, "violation", "violations")] : []),
    ...(unknown > 0 ? [`${count(unknown, "file", "files")} that could not be read`] : []),
  ]
  return `${found.join(", and ")}, in ${all}.`
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}
