import { spawnSync } from "node:child_process"
import { parseArgs } from "node:util"
import { keepAwake } from "./harness/awake.ts"
import { hasPeers, machine } from "./harness/machine.ts"
import { markdownOf, tableOf } from "./harness/print.ts"
import type { Run } from "./harness/row.ts"

const usage = `npm run bench -- <seam|inline|remote|trace|gateway|start|receive|away|headline> [--json | --markdown] [--rounds N] [--quick]

  seam      the seam against its peers: inline, remote, trace, gateway and start, one after the other
  receive   the store of traces, to which many send a little
  away      events that wait for a service that is gone
  headline  the shop as one process, split, and as plain microservices

  --rounds N   rounds of each, 5 when not given
  --quick      few and short rounds, to see that all works; the figures mean little
  --json       an array of { name, value, unit, min, max }
  --markdown   a table with the machine's description`

const runs: Readonly<Record<string, () => Promise<readonly Run[]>>> = {
  inline: async () => [(await import("./seam/inline/run.ts")).run],
  remote: async () => [(await import("./seam/remote/run.ts")).run],
  trace: async () => [(await import("./trace/run.ts")).run],
  gateway: async () => [(await import("./gateway/run.ts")).run],
  start: async () => [(await import("./start/run.ts")).run],
  receive: async () => [(await import("./receive/run.ts")).run],
  away: async () => [(await import("./away/run.ts")).run],
  headline: async () => [(await import("./headline/run.ts")).run],
  async seam() {
    return (await Promise.all(["inline", "remote", "trace", "gateway", "start"].map((name) => runs[name]?.() ?? []))).flat()
  },
}

const { values, positionals } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    help: { type: "boolean", default: false },
  },
  allowPositionals: true,
})
const load = runs[positionals[0] ?? ""]
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5))
if (values.help || !load || positionals.length !== 1 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(usage)
  process.exit(values.help ? 0 : 2)
}
if (!hasPeers()) {
  console.error("Installing the peers in bench/ …")
  const { status } = spawnSync("npm", ["ci"], { cwd: import.meta.dirname, stdio: ["ignore", 2, 2] })
  if (status !== 0) throw new Error("`npm ci` in bench/ failed; see above.")
}
const about = machine(keepAwake())
const rows = []
for (const run of await load()) rows.push(...(await run({ rounds, quick: values.quick, report: (text) => console.error(text) })))
if (values.json) console.log(JSON.stringify(rows, undefined, 2))
else console.log(values.markdown ? `${about.join("  \n")}\n\n${markdownOf(rows)}` : `${about.slice(0, 3).join("\n")}\n\n${tableOf(rows)}`)
process.exit(0)
