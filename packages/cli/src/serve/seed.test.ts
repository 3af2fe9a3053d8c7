import { expect, test } from "vitest"
import { busyProject } from "../testing/busy-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { runDev } from "../testing/running-dev.ts"

const topologies = [
  { name: "one process", services: "{}" },
  { name: "another process than the gateway's", services: '{ front: { modules: ["front"] } }' },
]

for (const { name, services } of topologies) {
  test(`a seed reads what an operation in ${name} gives`, { timeout: 60_000 }, async () => {
    const project = busyProject(services)
    const seed = `
export async function seed({ client }) {
  const { version } = await client(frontModule.contract).version({})
  if (version !== "1") throw new Error("version is " + version)
}
`
    const folder = await projectWith({ ...project, "hanok.config.ts": `${project["hanok.config.ts"]}${seed}` })
    // It would end with what the seed has thrown.
    expect((await runDev(folder)).facts.gatewayUrl).toContain("http://")
  })
}
