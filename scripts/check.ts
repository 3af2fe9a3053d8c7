// Types, lint, import rules, unused code and formatting: everything that is known without running the code.
import { runSteps } from "./run-steps.ts"

runSteps([
  ["types", "tsc", ["--noEmit"]],
  ["lint", "oxlint", ["--deny-warnings"]],
  ["import rules", "hanok", ["check"]],
  ["unused code", "knip", ["--no-progress"]],
  ["format", "oxfmt", ["--check"]],
])
