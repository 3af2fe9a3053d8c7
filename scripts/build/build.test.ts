import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { cpSync, existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { build, publishedManifest } from "./build.ts"
import { packagesOf } from "./packages.ts"

const root = join(import.meta.dirname, "../..")
const out = mkdtempSync(join(tmpdir(), "hanok-build-"))
const hanok = join(out, "node_modules/@hanok/cli/bin/hanok.mjs")
const bin = (name: string) => join(root, "node_modules/.bin", name)

beforeAll(async () => {
  await build({ root, out })
  // What others publish is as it is installed here.
  const others = readdirSync(join(root, "node_modules")).filter((name) => !name.startsWith("@hanok") && !name.startsWith("."))
  for (const name of others) symlinkSync(join(root, "node_modules", name), join(out, "node_modules", name))
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

function run(folder: string, command: string, ...args: readonly string[]): string {
  const env = { ...process.env, NO_COLOR: "1", VITEST: undefined }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, env, encoding: "utf8", timeout: 60_000 })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}

/** What `hanok dev` of what was built answers a request. It is started for it, and ended. */
async function askDev(folder: string, path: string): Promise<unknown> {
  const { VITEST: _, ...env } = process.env
  const child = spawn(process.execPath, [hanok, "dev", "--json", "--port", "0"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] })
  const ended = once(child, "exit")
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { gatewayUrl } = JSON.parse(line) as { readonly gatewayUrl?: string }
      if (gatewayUrl !== undefined) return await (await fetch(`${gatewayUrl}${path}`)).json()
    }
    throw new Error("hanok dev has ended.")
  } finally {
    child.kill("SIGTERM")
    await ended
  }
}

test("every package has what its manifest names, no TypeScript but declarations, and says which Node it needs", () => {
  for (const { manifest, entries } of packagesOf(root)) {
    const folder = join(out, "node_modules", manifest.name)
    const { exports, files, engines } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as ReturnType<typeof publishedOf>
    const named = Object.values(exports).flatMap((paths) => Object.values(paths))
    const wanted = [...named, ...Object.keys(entries).map((name) => `dist/${name}.js`), "LICENSE", "README.md"]
    expect(wanted.filter((path) => !existsSync(join(folder, path)))).toEqual([])
    const packed = JSON.parse(run(folder, "npm", "pack", "--dry-run", "--json")) as readonly { files: readonly { path: string }[] }[]
    const paths = packed.flatMap((archive) => archive.files.map(({ path }) => path))
    expect(paths.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))).toEqual([])
    expect(paths).toEqual(expect.arrayContaining(["dist/index.js", "README.md"]))
    expect(files).toContain("dist")
    expect(engines).toEqual({ node: ">=24" })
  }
})

test("what a stack or a debugger says of a source lies in its package", () => {
  for (const { manifest } of packagesOf(root)) {
    const dist = join(out, "node_modules", manifest.name, "dist")
    const maps = globSync("*.map", { cwd: dist }).map((name) => JSON.parse(readFileSync(join(dist, name), "utf8")) as { sources: string[] })
    const sources = maps.flatMap((map) => map.sources)
    expect(sources).not.toEqual([])
    expect(sources.filter((source) => !/^\.\.\/src\/[^.]/.test(source))).toEqual([])
  }
})

const programs = packagesOf(root).flatMap(({ folder, manifest }) => {
  const readme = readFileSync(join(root, folder, "README.md"), "utf8")
  const [, file = "", text = ""] = /^```ts\n\/\/ (\S+), whole\n(.*?)^```/ms.exec(readme) ?? []
  const said = [...text.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, line]) => `${line}\n`)
  return said.length > 0 ? [{ name: manifest.name, file, text, said: said.join("") }] : []
})

test.each(programs)("the program in the README of $name prints what is said there", ({ file, text, said }) => {
  const folder = mkdtempSync(join(out, "readme-"))
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }')
  writeFileSync(join(folder, file), text)
  expect(run(folder, process.execPath, file)).toBe(said)
})

const publishedOf = (manifest: Parameters<typeof publishedManifest>[0]) =>
  publishedManifest(manifest) as { exports: Record<string, Record<string, string>>; files: readonly string[]; engines: object }

test("a new app passes its checks and its tests with what is published, and runs in one process and in several", async () => {
  run(out, process.execPath, hanok, "new", "tea")
  const app = join(out, "tea")
  run(app, bin("tsc"), "-p", app)
  run(app, process.execPath, hanok, "check")
  expect(run(app, bin("vitest"), "run", "--root", app)).toContain("passed")
  const together = await askDev(app, "/hello/greetings/Kim")
  expect(JSON.stringify(together)).toContain("Kim")
  run(app, process.execPath, hanok, "split", "hello")
  expect(await askDev(app, "/hello/greetings/Kim")).toEqual(together)
})

test("the smallest example is served as a container would", async () => {
  cpSync(join(root, "examples/hello/hello.ts"), join(out, "hello.ts"))
  const port = await freePort()
  const secret = "a secret for this test alone, of 32 characters"
  const env = { ...process.env, HANOK_SECRET: secret, HANOK_GATEWAY_PORT: String(port), VITEST: undefined }
  const child = spawn(process.execPath, [hanok, "serve", "main", "--config", "hello.ts"], { cwd: out, env, stdio: "inherit" })
  onTestFinished(() => void child.kill("SIGKILL"))
  const greeting = () => fetch(`http://127.0.0.1:${port}/greetings/Kim`).then((answer) => answer.json())
  await expect.poll(() => greeting().catch(() => undefined), { timeout: 20_000 }).toEqual({ text: "Hello, Kim!" })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  // A TCP server's address is always this.
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
