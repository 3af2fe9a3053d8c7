// Everything that CI runs: the checks, then every test on the real engines, then business with the shop, a process for each module.
import { runSteps } from "./run-steps.ts"

runSteps([
  ["check", "node", ["scripts/check.ts"]],
  ["tests", "vitest", ["run"]],
  ["acceptance", "node", ["scripts/acceptance/main.ts", "--topology", "split"]],
])
