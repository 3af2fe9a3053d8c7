// Everything that CI runs: the checks, then every test on the real engines.
import { runSteps } from "./run-steps.ts"

runSteps([
  ["check", "node", ["scripts/check.ts"]],
  ["tests", "vitest", ["run"]],
])
