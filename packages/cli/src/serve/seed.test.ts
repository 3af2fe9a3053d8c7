import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { busyProject } from "../testing/busy-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { runDev, spawnDev } from "../testing/running-dev.ts"

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

const ways = [
  { way: "ends its process", body: "process.exit(7)", said: "main ended before its seed was through (exit code 7)" },
  {
    way: "returns what no message can carry",
    body: "return { stock: 1n }",
    said: "The seed failed: TypeError: Do not know how to serialize a BigInt",
  },
]

for (const { way, body, said } of ways) {
  test(`a seed that ${way} is told of, and nobody waits for it any longer`, { timeout: 60_000 }, async () => {
    const dev = spawnDev(await projectWith(seededProject(body)))
    expect(await dev.ended).toBe(3)
    expect(dev.notices.join("\n")).toContain(`hanok: ${said}`)
  })
}

test("a seed that fails after a reload is not taken for a version that does not start", { timeout: 60_000 }, async () => {
  const folder = await projectWith(seededProject(""))
  const dev = await runDev(folder)
  await writeFile(join(folder, "hanok.config.ts"), seededConfig('throw new Error("no beans")'))
  await dev.said("no beans")
  expect(dev.notices.slice(-4)).toEqual([
    "hanok        reloaded",
    "hanok        The new version serves, but its seed did not end well.",
    `${" ".repeat(13)}  The seed failed: Error: no beans`,
    `${" ".repeat(13)}  Mend the \`seed\` of the configuration.`,
  ])
})

test("a seed that a newer version interrupts is no trouble", { timeout: 60_000 }, async () => {
  const folder = await projectWith(seededProject(""))
  const dev = await runDev(folder)
  await writeFile(join(folder, "hanok.config.ts"), seededConfig("await new Promise((resolve) => setTimeout(resolve, 5_000))"))
  await dev.said("reloaded")
  dev.signal("SIGHUP")
  await dev.said("reloaded", 2)
  expect(dev.notices.filter((line) => line.includes("new version"))).toEqual([])
})

test("a first seed that never ends keeps no change from taking its place, whose seed is waited for then", { timeout: 60_000 }, async () => {
  const folder = await projectWith(seededProject('console.log("it begins")\n  await new Promise(() => undefined)'))
  const dev = spawnDev(folder)
  await dev.said("it begins")
  await writeFile(join(folder, "hanok.config.ts"), seededConfig('console.log("it is mended")'))
  expect((await dev.facts).gatewayUrl).toContain("http://")
  await dev.said("it is mended")
})

function seededProject(body: string): Readonly<Record<string, string>> {
  return { ...busyProject("{}"), "hanok.config.ts": seededConfig(body) }
}

function seededConfig(body: string): string {
  return `${busyProject("{}")["hanok.config.ts"]}
export async function seed() {
  ${body}
}
`
}
