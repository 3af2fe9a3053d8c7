import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { routesOf } from "../routes.ts"
import { docsPage } from "./page.ts"

const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync)

test.skipIf(browser === undefined)("what the filter leaves out has no heading among the links either", { timeout: 120_000 }, async () => {
  const type = (words: string) => `input.value = "${words}"; input.dispatchEvent(new Event("input"));`
  const shown = `[...document.querySelectorAll("h2")].filter((heading) => heading.checkVisibility()).map((heading) => heading.id || heading.textContent)`
  expect(await inBrowser(`${type("gifts")} return ${shown}`)).toEqual(["gift", "module-gift"])
  expect(await inBrowser(`${type("gifts")} ${type("")} return ${shown}`)).toEqual(["gift", "order", "module-gift", "module-order"])
})

test.skipIf(browser === undefined)(
  "an operation that the address names is shown, open, whatever was done to it before",
  { timeout: 120_000 },
  async () => {
    const order = `document.getElementById("order.list")`
    const state = `[${order}.open, ${order}.checkVisibility()]`
    const follow = `document.querySelector("nav a[href='#order.list']").click(); await new Promise((resolve) => setTimeout(resolve, 500));`
    const left = `${follow} input.value = "gifts"; filter(); history.pushState({}, "", "#gift.list"); history.back();`
    const closed = `${follow} ${order}.open = false; ${follow}`
    expect(await inBrowser(`${closed} return ${state}`)).toEqual([true, true])
    expect(await inBrowser(`${left} await new Promise((resolve) => setTimeout(resolve, 500)); return ${state}`)).toEqual([true, true])
  },
)

/** What a script gives that runs in the page of two modules when that has been read. */
async function inBrowser(script: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-docs-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const file = join(folder, "page.html")
  const told = `document.title = JSON.stringify(await (async () => { ${script} })())`
  await writeFile(
    file,
    `${docsPage({ title: "shop", version: "1" }, routes)}<script>addEventListener("load", async () => { ${told} })</script>`,
  )
  const options = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    `--user-data-dir=${join(folder, "profile")}`,
    "--virtual-time-budget=10000",
  ]
  const { stdout } = await promisify(execFile)(browser ?? "", [
    ...options,
    "--window-size=1600,900",
    "--dump-dom",
    pathToFileURL(file).href,
  ])
  return JSON.parse(/<title>(.*?)<\/title>/.exec(stdout)?.[1] ?? "") as unknown
}

const routes = routesOf(defineTopology({ modules: ["gift", "order"].map(moduleOf) }), [])

function moduleOf(name: string) {
  const list = query({ input: z.object({}), output: z.object({}), access: "public", http: `GET /${name}s` })
  return defineModule({ contract: defineContract(name, { list }), owner: "team", handlers: { list: () => async () => ({}) } })
}
