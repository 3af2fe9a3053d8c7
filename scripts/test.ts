// Everything that CI runs: the checks, then business with the shop, a process for each module, the same shop under fire, and what is
// wrong sent to it; then every test on the real engines, last, so that what failed of so many is told where the output ends.
// The seeds are fixed; the long forms are `npm run chaos` and `npm run fuzz`.
import { runSteps } from "./run-steps.ts"

runSteps([
  ["check", "node", ["scripts/check.ts"]],
  ["acceptance", "node", ["scripts/acceptance/main.ts", "--topology", "split"]],
  ["chaos", "node", ["scripts/chaos/main.ts", "--minutes", "2", "--seed", "1"]],
  ["fuzz", "node", ["scripts/fuzz/main.ts", "--inputs", "20000", "--seed", "1"]],
  ["tests", "vitest", ["run"]],
])
