import { expect, test } from "vitest"
import { projectWith, runHanok } from "../testing/run-hanok.ts"
import { runDev } from "../testing/running-dev.ts"

const project = {
  "package.json": '{ "name": "clock", "type": "module" }',
  "hanok.config.ts": `import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { z } from "zod"
const clockContract = defineContract("clock", {
  time: query({ input: z.object({}), output: z.object({ at: z.string() }), access: "public", http: "GET /time" }),
})
const clockModule = defineModule({
  contract: clockContract,
  owner: "team-clock",
  handlers: { time: () => () => ({ at: new Date().toISOString() }) },
  jobs: { tick: { everyMs: 50, run: () => async () => undefined } },
})
export default defineTopology({ modules: [clockModule], gateway: { port: 0 } })
`,
}

test("the last requests are shown, and the runs of jobs when they are asked for", async () => {
  const folder = await projectWith(project)
  const dev = await runDev(folder, "--no-watch")
  const traces = async (...args: readonly string[]) => (await runHanok(folder, "trace", ...args)).stdout
  expect(await traces()).toBe("No request has been traced yet; --all shows the runs of jobs, too.\n")
  expect(await traces("--errors")).toBe("Nothing that has been traced has failed.\n")
  expect((await fetch(`${dev.facts.gatewayUrl}/time`)).status).toBe(200)
  await expect.poll(() => traces(), { timeout: 20_000 }).toContain("GET /time")
  await expect.poll(() => traces("--all"), { timeout: 20_000 }).toContain("job clock.tick")
  expect(await traces()).not.toContain("job clock.tick")
}, 60_000)
